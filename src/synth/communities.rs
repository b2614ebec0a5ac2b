//! Lists the names of communities in which given and family names go together.
//!
//! All of this is a choice: the names are well-known ones of each community, in no measured order, and the
//! shares of communities are only roughly those of the 2021 census's country and ethnic group tables. What
//! matters to a match is that the two names of a person are not independent, that spellings have diacritics
//! and particles, and that very many people share some names.

/// A community's names. Names nearer the front of a list are commoner.
pub(crate) struct Community {
    /// Share of homes.
    pub(crate) share: f64,
    /// How often a forename comes from these lists and not from the nation's common stock.
    pub(crate) own_forenames: f64,
    /// How often a surname comes from these lists.
    pub(crate) own_surnames: f64,
    /// Whether its surnames are kept out of the nation's common stock, so that they stay with the community.
    pub(crate) separate: bool,
    /// Forenames of women and of men, and surnames, separated by spaces.
    pub(crate) women: &'static str,
    pub(crate) men: &'static str,
    pub(crate) surnames: &'static str,
}

/// Every community with lists of its own; everybody else draws from the common stock.
pub(crate) const COMMUNITIES: [Community; 6] = [
    Community {
        share: 0.075,
        own_forenames: 0.92,
        own_surnames: 0.96,
        separate: true,
        women: "Fatima Ayesha Zainab Priya Nasreen Shabana Rukhsana Harpreet Manjit Sunita Anita Meena \
                Saima Samina Nazia Farzana Bushra Hina Sana Maryam Khadija Amina Jaspreet Kulwinder \
                Gurpreet Balbir Surinder Kavita Neha Pooja Rekha Usha Nisha Shazia Parveen Razia Safia \
                Sadia Tahira Yasmin Rubina Shahida Geeta Lakshmi Deepa Jyoti Rahima Halima Sultana \
                Nargis",
        men: "Mohammed Muhammad Mohammad Ali Imran Ahmed Abdul Raj Sanjay Harjit Gurdeep Amit Vijay \
                Rajesh Sunil Anil Tariq Asif Arif Khalid Zahid Nadeem Shahid Usman Bilal Hamza Hassan \
                Hussain Jaswinder Balwinder Manpreet Kuldip Sukhdev Rakesh Mukesh Ashok Bharat Naveed \
                Waseem Faisal Kamran Adnan Rashid Iqbal Shafiq Abdur Shah Syed Mahmood Nitin",
        surnames: "Khan Patel Singh Ahmed Hussain Ali Begum Kaur Shah Akhtar Mohammed Malik Sharma Iqbal \
                Mahmood Rahman Bibi Islam Miah Uddin Chowdhury Gill Sandhu Dhillon Sidhu Desai Mistry \
                Joshi Mehta Gupta Kumar Kumari Verma Nair Reddy Rao Das Bose Aslam Ashraf Bashir Butt \
                Chaudhry Farooq Javed Mirza Nawaz Qureshi Rafiq Raza Saleem Sheikh Siddiqui Yousaf \
                Zaman Khatun Choudhury Haque Alam Kamal Solanki Parmar Chauhan Rai Grewal",
    },
    Community {
        share: 0.025,
        own_forenames: 0.9,
        own_surnames: 0.95,
        separate: true,
        women: "Anna Katarzyna Małgorzata Agnieszka Monika Joanna Magdalena Ewa Barbara Krystyna \
                Elżbieta Beata Dorota Justyna Paulina Karolina Natalia Aleksandra Sylwia Grażyna \
                Izabela Renata Teresa Zofia Weronika Kinga Edyta Iwona Marta Żaneta",
        men: "Piotr Krzysztof Andrzej Tomasz Paweł Marcin Michał Jan Marek Grzegorz Łukasz Adam \
                Mariusz Jakub Mateusz Dariusz Zbigniew Jerzy Wojciech Robert Kamil Rafał Jacek Sławomir \
                Artur Mirosław Bartosz Radosław Przemysław Szymon",
        surnames: "Nowak Kowalski Wiśniewski Wójcik Kowalczyk Kamiński Lewandowski Zieliński Szymański \
                Woźniak Dąbrowski Kozłowski Jankowski Mazur Kwiatkowski Krawczyk Kaczmarek Piotrowski \
                Grabowski Pawłowski Michalski Król Wieczorek Jabłoński Wróbel Majewski Olszewski \
                Stępień Malinowski Jaworski Adamczyk Dudek Nowicki Pawlak Górski Witkowski Walczak \
                Sikora Baran Rutkowski Michalak Szewczyk Ostrowski Tomaszewski Pietrzak Marciniak Zając \
                Wróblewski",
    },
    Community {
        share: 0.02,
        own_forenames: 0.7,
        own_surnames: 0.95,
        separate: true,
        women: "Blessing Ngozi Folasade Abena Akosua Chioma Yetunde Funmilayo Adwoa Ama Efua Ifeoma \
                Amaka Bukola Titilayo Comfort Patience Mercy Esi Nneka Adaeze Omolara Kehinde Temitope \
                Fatou Aminata",
        men: "Emmanuel Kwame Kofi Chidi Emeka Oluwaseun Babatunde Kwabena Yaw Kojo Kwaku Ade Tunde \
                Femi Segun Chukwuemeka Ikenna Obinna Uche Ayodele Taiwo Ibrahim Mamadou Samuel Olumide \
                Kayode",
        surnames: "Mensah Owusu Boateng Osei Appiah Asante Addo Amoah Okafor Adeyemi Okeke Adebayo Okonkwo \
                Eze Obi Nwosu Agyemang Antwi Ofori Sarpong Opoku Frimpong Ogunleye Afolabi Balogun \
                Bello Adeleke Oladipo Nwachukwu Onyeka Kamara Sesay Conteh Bangura Diallo Koroma Danso \
                Ansah Quaye Tetteh Ojo Oni Adu Amponsah",
    },
    Community {
        share: 0.03,
        own_forenames: 0.35,
        own_surnames: 0.85,
        separate: false,
        women: "Siobhán Niamh Aoife Bridget Maureen Sinéad Róisín Caoimhe Orla Deirdre Gráinne \
                Bernadette Kathleen Nora Eileen Noreen Ciara",
        men: "Patrick Seán Liam Connor Declan Brendan Eoin Ciarán Pádraig Fergus Dermot Kieran Aidan \
                Cormac Eamon Niall Rory Seamus",
        surnames: "Murphy Kelly O'Brien Ryan O'Connor O'Sullivan Walsh Byrne Doyle McCarthy Gallagher \
                Doherty Kennedy Lynch Murray Quinn McLoughlin O'Neill Connolly Daly O'Connell Dunne \
                Brennan Collins Nolan Fitzgerald O'Donnell Kavanagh O'Reilly Donnelly McGrath Keane \
                Burke Regan Flynn Healy O'Shea Sweeney Hayes Maguire Boyle McMahon O'Leary Casey Duffy \
                Foley O'Keeffe Power Moran Keogh",
    },
    Community {
        share: 0.035,
        own_forenames: 0.4,
        own_surnames: 0.85,
        separate: false,
        women: "Siân Rhiannon Megan Bethan Carys Cerys Ffion Nia Elin Mair Lowri Angharad Eleri Gwen \
                Gwyneth Myfanwy Catrin Tegwen Delyth",
        men: "Rhys Gareth Dylan Huw Owain Ieuan Gethin Emyr Geraint Iwan Aled Dafydd Gwilym Hywel \
                Ifan Idris Llŷr Rhodri Tomos Siôn",
        surnames: "Jones Williams Davies Evans Thomas Roberts Lewis Hughes Morgan Griffiths Edwards Owen \
                James Rees Price Morris Phillips Jenkins Lloyd Powell Parry Rowlands Pugh Llewellyn \
                Bevan Howells Vaughan Gwynne Prosser Probert Pritchard Ellis John Humphreys Meredith",
    },
    Community {
        share: 0.055,
        own_forenames: 0.3,
        own_surnames: 0.85,
        separate: false,
        women: "Fiona Morag Eilidh Kirsty Catriona Mairi Isla Shona Moira Ailsa Isobel Senga Rhona \
                Aileen Lorna Jean Elspeth Iona",
        men: "Hamish Callum Ewan Alasdair Angus Gordon Duncan Iain Gregor Fraser Craig Stuart Finlay \
                Lachlan Murdo Struan Kenneth Ross",
        surnames: "Campbell Stewart MacDonald Robertson Anderson Scott Reid Murray Clark Ross Young \
                Mitchell Paterson Morrison Fraser Davidson Gray McDonald Henderson Hamilton Duncan \
                Graham Ferguson Kerr Cameron Johnston MacKenzie Hunter Grant McKay Allan Simpson \
                MacLeod Mackay Black Marshall Wallace Gibson McLean Sinclair Munro McMillan Crawford \
                Sutherland Burns Craig Muir Milne Baird",
    },
];

/// Short and pet forms that people are known by. Kept apart from the matcher's own table, so that the matcher
/// is measured on forms it may not know.
pub(crate) const SHORT_FORMS: &[(&str, &[&str])] = &[
    ("WILLIAM", &["Bill", "Will", "Billy"]),
    ("ROBERT", &["Bob", "Rob", "Bobby"]),
    ("RICHARD", &["Dick", "Rick", "Richie"]),
    ("JAMES", &["Jim", "Jamie", "Jimmy"]),
    ("JOHN", &["Jack", "Johnny"]),
    ("EDWARD", &["Ted", "Ed", "Eddie"]),
    ("MICHAEL", &["Mike", "Mick"]),
    ("DAVID", &["Dave", "Davy"]),
    ("THOMAS", &["Tom", "Tommy"]),
    ("CHARLES", &["Charlie", "Chas"]),
    ("ANTHONY", &["Tony"]),
    ("CHRISTOPHER", &["Chris", "Kit"]),
    ("ANDREW", &["Andy", "Drew"]),
    ("PETER", &["Pete"]),
    ("STEPHEN", &["Steve"]),
    ("STEVEN", &["Steve"]),
    ("KENNETH", &["Ken", "Kenny"]),
    ("RONALD", &["Ron", "Ronnie"]),
    ("LAWRENCE", &["Larry", "Laurie"]),
    ("FREDERICK", &["Fred", "Freddie"]),
    ("GEOFFREY", &["Geoff"]),
    ("JEFFREY", &["Jeff"]),
    ("GREGORY", &["Greg"]),
    ("TIMOTHY", &["Tim"]),
    ("MATTHEW", &["Matt"]),
    ("DANIEL", &["Dan", "Danny"]),
    ("JOSEPH", &["Joe"]),
    ("JOSHUA", &["Josh"]),
    ("BENJAMIN", &["Ben"]),
    ("SAMUEL", &["Sam"]),
    ("ALEXANDER", &["Alex", "Sandy"]),
    ("NICHOLAS", &["Nick"]),
    ("PATRICK", &["Pat", "Paddy"]),
    ("PHILIP", &["Phil"]),
    ("PHILLIP", &["Phil"]),
    ("RAYMOND", &["Ray"]),
    ("TERENCE", &["Terry"]),
    ("GERALD", &["Gerry"]),
    ("LESLIE", &["Les"]),
    ("DONALD", &["Don"]),
    ("DOUGLAS", &["Doug"]),
    ("NATHAN", &["Nat"]),
    ("ZACHARY", &["Zac"]),
    ("HARRY", &["Hal"]),
    ("HENRY", &["Harry"]),
    ("ELIZABETH", &["Liz", "Beth", "Betty", "Lizzie"]),
    ("MARGARET", &["Maggie", "Peggy", "Meg"]),
    ("CATHERINE", &["Cathy", "Kate"]),
    ("KATHERINE", &["Kathy", "Kate", "Katie"]),
    ("KATHLEEN", &["Kath", "Kathy"]),
    ("SUSAN", &["Sue", "Susie"]),
    ("PATRICIA", &["Pat", "Trish", "Patsy"]),
    ("JENNIFER", &["Jen", "Jenny"]),
    ("CHRISTINE", &["Chris", "Chrissie"]),
    ("BARBARA", &["Babs"]),
    ("DEBORAH", &["Debbie", "Deb"]),
    ("JACQUELINE", &["Jackie"]),
    ("VICTORIA", &["Vicky", "Tori"]),
    ("REBECCA", &["Becky", "Becca"]),
    ("SAMANTHA", &["Sam"]),
    ("ALEXANDRA", &["Alex", "Sandra"]),
    ("AMANDA", &["Mandy"]),
    ("PAMELA", &["Pam"]),
    ("SANDRA", &["Sandy"]),
    ("DOROTHY", &["Dot", "Dolly"]),
    ("FLORENCE", &["Flo", "Florrie"]),
    ("JOSEPHINE", &["Jo", "Josie"]),
    ("JOANNE", &["Jo"]),
    ("ABIGAIL", &["Abby"]),
    ("CHARLOTTE", &["Lottie", "Charlie"]),
    ("GEORGINA", &["Georgie", "Gina"]),
    ("VALERIE", &["Val"]),
    ("SARAH", &["Sally", "Sadie"]),
    ("ANN", &["Annie", "Nan"]),
    ("ELEANOR", &["Nell", "Ellie"]),
    ("GILLIAN", &["Gill", "Jill"]),
    ("MOHAMMED", &["Mo"]),
    ("MUHAMMAD", &["Mo"]),
    ("KRZYSZTOF", &["Kris"]),
    ("KATARZYNA", &["Kasia"]),
    ("AGNIESZKA", &["Aga"]),
    ("MAŁGORZATA", &["Gosia"]),
];
