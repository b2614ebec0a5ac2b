use proptest::prelude::*;

use super::*;

/// A person as `GIVEN WORDS|FAMILY-PARTS`, with `+` before a senior's name and `-` before a junior's.
fn shown(name: &Name) -> String {
    let words = |words: &[Word], by: &str| words.iter().map(|word| word.as_str()).collect::<Vec<_>>().join(by);
    let generation = match name.generation {
        Some(Generation::Senior) => "+",
        Some(Generation::Junior) => "-",
        None => "",
    };
    format!("{generation}{}|{}", words(&name.given, " "), words(&name.family, "-"))
}

fn people(named: &Named) -> String {
    let people: Vec<_> = named.people.iter().map(shown).collect();
    format!("{}{}", people.join(" & "), if named.couple { " couple" } else { "" })
}

fn full(text: &str) -> String {
    people(&read(&NameFields { full_name: text, ..Default::default() }))
}

fn apart(forename: &str, surname: &str) -> String {
    people(&read(&NameFields { forename, surname, ..Default::default() }))
}

fn check_full(table: &[(&str, &str)]) {
    for (text, expected) in table {
        assert_eq!(full(text), *expected, "{text}");
    }
}

fn check_apart(table: &[(&str, &str, &str)]) {
    for (forename, surname, expected) in table {
        assert_eq!(apart(forename, surname), *expected, "{forename} / {surname}");
    }
}

#[test]
fn letters_are_folded_and_never_dropped() {
    check_apart(&[
        ("noreen", "yelland", "NOREEN|YELLAND"),
        ("Siân", "Ashworth", "SIAN|ASHWORTH"),
        ("Sia\u{302}n", "Ashworth", "SIAN|ASHWORTH"),
        ("Łukasz", "Wójcik", "LUKASZ|WOJCIK"),
        ("Bjørn", "Großmann", "BJORN|GROSSMANN"),
        ("Ægir", "Þórsson", "AEGIR|THORSSON"),
        ("Đorđe", "Yıldız", "DORDE|YILDIZ"),
        ("Ŷnyr", "ŷ ŵ", "YNYR|Y-W"),
        ("Иван", "Petrov", "|PETROV"),
        ("Jo3hn", "Sm4ith?", "JOHN|SMITH"),
        ("Wi11iam", "A1derson", "WILLIAM|ALDERSON"),
        ("John1", "1st Smith", "JOHN|STSMITH"),
        ("J0an", "0'Hara", "JOAN|OHARA"),
        ("0liver", "Sc0tt", "OLIVER|SCOTT"),
        ("John0", "Smith 10th", "JOHN|SMITH-TH"),
        ("ＪＯＨＮ", "ﬁnch", "JOHN|FINCH"),
        ("Máŋŋo", "d´Arcy", "MANGNGO|DARCY"),
    ]);
    let origin = |surname| {
        let named = read(&NameFields { forename: "Ann", surname, ..Default::default() });
        named.people[0].origin
    };
    assert!(origin("Müller").diacritics);
    assert!(origin("Mu\u{308}ller").diacritics);
    assert!(!origin("Muller").diacritics);
    assert!(!origin("O’Brien").diacritics);
    for with in ["O’Brien", "O´Brien", "O'Brien", "McDonald", "MCDONALD", "Mac Donald", "MacDonald", "van der Berg"]
    {
        assert!(origin(with).particle, "{with}");
    }
    for without in ["Obrien", "Mackie", "MACEY", "Smith", "Vandenberg", "Mac"] {
        assert!(!origin(without).particle, "{without}");
    }
}

#[test]
fn particles_join_the_word_they_lead() {
    check_apart(&[
        ("Pat", "O’Brien", "PAT|OBRIEN"),
        ("Pat", "O Brien", "PAT|OBRIEN"),
        ("Pat", "O' Brien", "PAT|OBRIEN"),
        ("Jean", "D'Arcy", "JEAN|DARCY"),
        ("Ann", "Mc Donald", "ANN|MCDONALD"),
        ("Ann", "Mac Donald", "ANN|MACDONALD"),
        ("Mac", "Donald", "MAC|DONALD"),
        ("Jan", "van der Berg", "JAN|VANDERBERG"),
        ("Ivy", "St. John", "IVY|STJOHN"),
        ("Omar", "Al-Hassan", "OMAR|ALHASSAN"),
        ("Sara", "El Amrani", "SARA|ELAMRANI"),
        ("Eva", "de la Cruz", "EVA|DELACRUZ"),
        ("Minh", "Le", "MINH|LE"),
        ("Jo", "Smith de Souza", "JO|SMITH-DESOUZA"),
    ]);
    check_full(&[
        ("Jan van der Berg", "JAN|VANDERBERG"),
        ("Pat O Brien", "PAT|OBRIEN"),
        ("John O Smith", "JOHN O|SMITH"),
        ("Al Smith", "AL|SMITH"),
        ("Mac Donald", "MAC|DONALD"),
        ("Mc Donald", "|MCDONALD"),
        ("Khalid Al Hassan", "KHALID|ALHASSAN"),
    ]);
}

#[test]
fn given_names_and_double_surnames_keep_their_order() {
    check_apart(&[
        ("Mary-Jane", "Ashworth-Lyle", "MARY JANE|ASHWORTH-LYLE"),
        ("Jean Paul", "Ashworth Lyle", "JEAN PAUL|ASHWORTH-LYLE"),
        ("J.", "Smith", "J|SMITH"),
        ("J.R.", "Smith", "J R|SMITH"),
        ("J R", "Smith", "J R|SMITH"),
        ("JR", "Smith", "JR|SMITH"),
        ("A B C D E", "F-G-H-I", "A B C D|F-G-H"),
        ("John", "", "JOHN|"),
        ("", "Yelland", "|YELLAND"),
        ("John Paul Smith", "", "JOHN PAUL|SMITH"),
        ("", "", ""),
        ("", "Smith, John", "JOHN|SMITH"),
        ("", "John Smith", "JOHN|SMITH"),
        ("", "J Smith", "J|SMITH"),
        ("", "Mr Corin Ashworth-Lyle", "CORIN|ASHWORTH-LYLE"),
        ("", "Mr & Mrs J Smith", "J|SMITH couple"),
        ("", "John & Mary Smith", "JOHN|SMITH & MARY|SMITH couple"),
        ("", "Mr Ashworth-Lyle", "|ASHWORTH-LYLE"),
        ("", "Ashworth Lyle", "|ASHWORTH-LYLE"),
    ]);
    let middle = NameFields { forename: "Ann", middle_names: "B. Cara", surname: "Dow", ..Default::default() };
    assert_eq!(people(&read(&middle)), "ANN B CARA|DOW");
    let both = NameFields { forename: "Ann", surname: "Dow", full_name: "Bea Eve Fox", ..Default::default() };
    assert_eq!(people(&read(&both)), "ANN|DOW");
    let long = "Wolfeschlegelsteinhausenbergerdorff";
    assert_eq!(apart("Hubert", long), "HUBERT|WOLFESCHLEGELSTEINHAUSEN");
}

#[test]
fn full_names_are_parted() {
    check_full(&[
        ("Noreen Ann Yelland", "NOREEN ANN|YELLAND"),
        ("YELLAND, Noreen Ann", "NOREEN ANN|YELLAND"),
        ("Van Dyke, Ann", "ANN|VANDYKE"),
        ("Yelland", "|YELLAND"),
        ("Ashworth-Lyle", "|ASHWORTH-LYLE"),
        ("Ann Ashworth-Lyle", "ANN|ASHWORTH-LYLE"),
        ("Mary-Ann Lyle", "MARY ANN|LYLE"),
        ("J R Smith", "J R|SMITH"),
        ("Yelland N", "N|YELLAND"),
        ("Mrs Yelland N A", "N A|YELLAND"),
        ("Ashworth-Lyle N", "N|ASHWORTH-LYLE"),
        ("Noreen Y", "NOREEN|Y"),
        ("N Y", "N|Y"),
        ("Gurpreet Kaur Dhillon", "GURPREET KAUR|DHILLON"),
        ("Gurpreet Kaur", "GURPREET|KAUR"),
        ("Shahida Begum", "SHAHIDA|BEGUM"),
    ]);
}

#[test]
fn titles_and_suffixes_are_no_names() {
    check_full(&[
        ("Mr John Smith", "JOHN|SMITH"),
        ("Mr. J. Smith", "J|SMITH"),
        ("Rev Dr Ann Smith OBE", "ANN|SMITH"),
        ("Lady Ann Smith", "ANN|SMITH"),
        ("Mr Lord", "|LORD"),
        ("Ann Lord", "ANN|LORD"),
        ("Sr Mary Byrne", "MARY|BYRNE"),
        ("John Smith Sr", "+JOHN|SMITH"),
        ("John Smith Senior", "+JOHN|SMITH"),
        ("Dorothy Senior", "DOROTHY|SENIOR"),
        ("John Smith Jnr.", "-JOHN|SMITH"),
        ("John Smith II", "-JOHN|SMITH"),
        ("Smith, John, Jr", "-JOHN|SMITH"),
        ("John Smith, MBE", "JOHN|SMITH"),
        ("Junior Smith", "JUNIOR|SMITH"),
        ("John Smith MP", "JOHN|SMITH"),
    ]);
    check_apart(&[
        ("Mr", "Smith", "|SMITH"),
        ("Dr. John", "Smith PhD", "JOHN|SMITH"),
        ("John", "Smith Snr", "+JOHN|SMITH"),
        ("John Jnr", "Smith", "-JOHN|SMITH"),
        ("Col", "Smith", "COL|SMITH"),
        ("Col John", "Smith", "JOHN|SMITH"),
        ("Ann", "Mrs Smith", "ANN|SMITH"),
        ("Md", "Miah", "MD|MIAH"),
        ("Jack", "Ma", "JACK|MA"),
        ("Dean", "Major", "DEAN|MAJOR"),
        ("Ann", "Senior", "ANN|SENIOR"),
    ]);
}

#[test]
fn former_and_other_names_are_kept() {
    check_apart(&[
        ("Ann", "Smith née Jones", "ANN|SMITH-JONES"),
        ("Ann", "Smith (nee Jones)", "ANN|SMITH-JONES"),
        ("Ann", "Smith (Jones)", "ANN|SMITH-JONES"),
        ("Ann", "Smith formerly Jones", "ANN|SMITH-JONES"),
        ("Elizabeth (Betty)", "Smith", "ELIZABETH BETTY|SMITH"),
        ("Elizabeth known as Betty", "Smith", "ELIZABETH BETTY|SMITH"),
        ("Elizabeth \"Betty\"", "Smith", "ELIZABETH BETTY|SMITH"),
        ("Una", "Nee", "UNA|NEE"),
    ]);
    check_full(&[
        ("Elizabeth (Betty) Smith", "ELIZABETH BETTY|SMITH"),
        ("Elizabeth Smith née Jones", "ELIZABETH|SMITH-JONES"),
        ("Elizabeth Smith (née Jones)", "ELIZABETH|SMITH-JONES"),
        ("Mohammed Khan aka Mo", "MOHAMMED MO|KHAN"),
        ("Mary Nee", "MARY|NEE"),
    ]);
}

#[test]
fn joint_forms_name_each_person() {
    check_full(&[
        ("Mr & Mrs A Yelland", "A|YELLAND couple"),
        ("Mr and Mrs A Yelland", "A|YELLAND couple"),
        ("Mr & Mrs Yelland", "|YELLAND couple"),
        ("Mr A & Mrs B Yelland", "A|YELLAND & B|YELLAND couple"),
        ("A & B Smith", "A|SMITH & B|SMITH couple"),
        ("John & Mary Smith", "JOHN|SMITH & MARY|SMITH couple"),
        ("John Paul and Mary Smith", "JOHN PAUL|SMITH & MARY|SMITH couple"),
        ("John Smith & Mary Jones", "JOHN|SMITH & MARY|JONES couple"),
        ("Mr J Smith and Ms K Jones", "J|SMITH & K|JONES couple"),
        ("Mr J Yelland and Mrs Yelland", "J|YELLAND & |YELLAND couple"),
        ("John Smith & Mary", "JOHN|SMITH & MARY|SMITH couple"),
        ("Smith, John & Mary", "JOHN|SMITH & MARY|SMITH couple"),
        ("Mr Smith & Ms Jones", "|SMITH & |JONES couple"),
    ]);
    check_apart(&[
        ("John & Mary", "Smith", "JOHN|SMITH & MARY|SMITH couple"),
        ("J & M", "van der Berg", "J|VANDERBERG & M|VANDERBERG couple"),
        ("Mr & Mrs A", "Yelland", "A|YELLAND couple"),
        ("Mr & Mrs", "Yelland", "|YELLAND couple"),
        ("John & Mary", "Smith & Jones", "JOHN|SMITH & MARY|JONES couple"),
        ("John Smith & Mary", "Jones", "JOHN|SMITH & MARY|JONES couple"),
        ("Sandy", "Anderson", "SANDY|ANDERSON"),
        ("A & B & C & D", "Lee", "A|LEE & B|LEE & C|LEE couple"),
    ]);
    let title = NameFields { title: "Mr & Mrs", forename: "A", surname: "Yelland", ..Default::default() };
    assert_eq!(people(&read(&title)), "A|YELLAND couple");
    let one = NameFields { title: "Mrs", forename: "A", surname: "Yelland", ..Default::default() };
    assert_eq!(people(&read(&one)), "A|YELLAND");
}

#[test]
fn joint_holders_have_a_surname_or_share_one() {
    for (forename, surname, expected) in [
        ("Ann", "Lyle", "ANN|LYLE"),
        ("Ann", "", "ANN|YELLAND"),
        ("Mrs Ann", "", "ANN|YELLAND"),
        ("Mary Ann", "", "MARY ANN|YELLAND"),
        ("Mrs Mary Ann", "", "MARY ANN|YELLAND"),
        ("Mrs Ann Lyle", "", "ANN|LYLE"),
        ("Ann Smith", "", "ANN|SMITH"),
        ("Ann B", "", "ANN B|YELLAND"),
    ] {
        assert_eq!(people(&read_joint(forename, surname, "Yelland")), expected, "{forename} / {surname}");
    }
}

#[test]
fn words_for_nobody_name_nobody() {
    for text in [
        "The Occupier",
        "Occupier",
        "THE OCCUPIER(S)",
        "Owner/Occupier",
        "The Householder",
        "Resident",
        "The Tenant",
        "Landlord",
        "Unknown",
        "N/A",
        "n/a",
        "NA",
        "None",
        "No Name",
        "TBC",
        "Test",
        "Void",
        "Vacant",
        "New Customer",
        "Executors of John Smith",
        "Exors of J Smith",
        "The Estate of Ann Smith",
        "Personal Representatives of A Lee",
        "c/o John Smith",
        "Deceased",
        "Ann Smith (Deceased)",
        "Mr Occupier",
        "Smith Ltd",
        "A & B Smith Limited",
        "Grace Church Ltd",
        "Borough Council",
        "Ashworth Properties",
        "St Marys Church",
        "Village School",
        "Yelland Housing Association",
        "-",
        "???",
        "Not Known",
        "Not Supplied",
        "undefined",
        "NaN",
        "The Current Occupier",
        "&",
        "Mr & Mrs",
    ] {
        assert_eq!(full(text), "", "{text}");
    }
    check_apart(&[
        ("The", "Occupier", ""),
        ("", "Occupier", ""),
        ("Unknown", "Unknown", ""),
        ("N/A", "Smith", "|SMITH"),
        ("Unknown", "Smith", "|SMITH"),
        ("Not stated", "Smith", "|SMITH"),
        ("nan", "nan", ""),
        ("", "Smith Lettings", ""),
        ("Smith", "LLP", ""),
    ]);
}

#[test]
fn people_with_unlucky_names_are_people() {
    check_full(&[
        ("Grace Church", "GRACE|CHURCH"),
        ("Charlotte Church", "CHARLOTTE|CHURCH"),
        ("C Church", "C|CHURCH"),
        ("Mr Church", "|CHURCH"),
        ("Shirley Temple", "SHIRLEY|TEMPLE"),
        ("David Tennant", "DAVID|TENNANT"),
        ("Ann Tenant", "ANN|TENANT"),
        ("Noreen Occupier", "NOREEN|OCCUPIER"),
        ("Jennifer Null", "JENNIFER|NULL"),
        ("Nan Smith", "NAN|SMITH"),
        ("Mr House", "|HOUSE"),
        ("Will Young", "WILL|YOUNG"),
        ("Na Li", "NA|LI"),
    ]);
    check_apart(&[("Ann", "Test", "ANN|TEST"), ("", "Church", "|CHURCH"), ("Iris", "Holder", "IRIS|HOLDER")]);
}

/// Text of the words that are hardest to read, or any text.
fn text() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "Mr",
        "mrs",
        "Lord",
        "Sr",
        "Jr",
        "Senior",
        "II",
        "MP",
        "OBE",
        "&",
        "and",
        "+",
        "née",
        "aka",
        "known",
        "as",
        "Mc",
        "Mac",
        "van",
        "der",
        "O",
        "O'",
        "de",
        "r",
        "BE",
        "al",
        "(",
        ")",
        "\"",
        "-",
        ",",
        "/",
        ".",
        "The",
        "Tenant",
        "No",
        "Name",
        "Church",
        "Grace",
        "John",
        "Smith",
        "Siân",
        "Иван",
        "J",
        "N/A",
        "Unknown",
        "Estate",
        "of",
        "House",
        "Wolfeschlegelsteinhausenbergerdorff",
        "D'",
        "ß",
        "LadyAnn",
    ]);
    let words = prop::collection::vec((word, prop::bool::ANY), 0..7).prop_map(|words| {
        words.iter().map(|(word, space)| format!("{word}{}", if *space { " " } else { "" })).collect::<String>()
    });
    prop_oneof![3 => words, 1 => "\\PC{0,30}", 1 => any::<String>()]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_text_gives_words_that_read_as_themselves(
        title in text(), forename in text(), middle_names in text(), surname in text(), full_name in text()
    ) {
        let named = read(&NameFields {
            title: &title, forename: &forename, middle_names: &middle_names, surname: &surname, full_name: &full_name,
        });
        for name in &named.people {
            prop_assert!(!name.given.is_empty() || !name.family.is_empty());
            for word in name.given.iter().chain(&name.family) {
                prop_assert!((1..=24).contains(&word.len()), "{}", shown(name));
                prop_assert!(word.bytes().all(|byte| byte.is_ascii_uppercase()), "{}", shown(name));
            }
            let forename = name.given.iter().map(|word| word.as_str()).collect::<Vec<_>>().join(" ");
            let surname = name.family.iter().map(|word| word.as_str()).collect::<Vec<_>>().join("-");
            let again = read(&NameFields { forename: &forename, surname: &surname, ..Default::default() });
            prop_assert_eq!(again.people.len(), 1, "{}", shown(name));
            prop_assert_eq!(&again.people[0].given, &name.given, "{}", shown(name));
            prop_assert_eq!(&again.people[0].family, &name.family, "{}", shown(name));
        }
    }

    #[test]
    fn the_short_way_reads_as_the_long_way(
        forename in "[A-Za-z]{1,26}|Mac|St|Mr John|Ann  O|(mr |)[A-Z][a-z]{0,3}( [A-Z]){0,5}| ",
        middle_names in "|[A-Za-z]{1,3}|[A-Z] [A-Z]",
        surname in "(Mac|mc|MC|)[A-Za-z]{1,8}",
        full_name in "((Mr|Ann|O|A|Lord|Dr|Le|Grace) ){0,6}(Mac|Mc|Church|Brien|Sr|Smith|MacDonald|Mr)[ ]?",
        whole in any::<bool>(),
    ) {
        let fields = if whole {
            NameFields { full_name: &full_name, ..Default::default() }
        } else {
            NameFields { forename: &forename, middle_names: &middle_names, surname: &surname, ..Default::default() }
        };
        let mut short = Name::default();
        if read_plain(&fields, &mut short) {
            let Named { people, couple } = read_any(&fields);
            prop_assert_eq!((people.as_slice(), couple), (&[short][..], false));
        }
    }
}

#[test]
fn nothing_stays_of_the_names_before() {
    let fields = ["Mr & Mrs J Adeyemi", "Siân McDonald Snr", "Ann Lee", "The Occupier", ""]
        .map(|full_name| NameFields { full_name, ..Default::default() });
    for (before, after) in fields.iter().flat_map(|before| fields.iter().map(move |after| (before, after))) {
        let mut named = read(before);
        named.read(after);
        assert_eq!(named, read(after), "{} before {}", before.full_name, after.full_name);
    }
}
