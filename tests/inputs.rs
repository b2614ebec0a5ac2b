//! Checks that the flags do not depend on how an input is written, compressed or headed.

// A failed unwrap in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod common;

use std::io::Write;

use common::{CUSTOMER, ELSPETH, Folder, HAMISH, JOB, OSWALD, Person, award, csv, customer};

const ZOE: Person = Person { forename: "Zoë", surname: "Müller-Nuñez", street: "3 Château Close", ..OSWALD };

/// The north's rows, and the flags that they get.
fn rows() -> (String, Vec<(String, String)>) {
    let rows = [
        customer("RÉF-1", &ZOE).with("date_of_birth", ""),
        customer("REF-2", &ELSPETH).with("address_line_2", "Near the church, on the left"),
        customer("REF-3", &HAMISH),
    ];
    let flags = [("RÉF-1", "Y"), ("REF-2", "Y"), ("REF-3", "N")];
    (csv(CUSTOMER, &rows), flags.map(|(reference, flag)| (reference.to_owned(), flag.to_owned())).to_vec())
}

fn folder() -> Folder {
    let folder = Folder::sound();
    folder.benefits(&[award("CLM-1", &ZOE), award("CLM-2", &ELSPETH)]);
    folder.customers("south", &[customer("REF-9", &HAMISH)]);
    folder
}

fn windows_1252(text: &str) -> Vec<u8> {
    let (bytes, _, unmappable) = encoding_rs::WINDOWS_1252.encode(text);
    assert!(!unmappable && bytes.len() < text.len());
    bytes.into_owned()
}

fn utf_16(text: &str, mark: u16, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    std::iter::once(mark).chain(text.encode_utf16()).flat_map(bytes).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn encodings_line_ends_and_compressions_change_no_flag() {
    let (text, flags) = rows();
    let crlf = text.replace('\n', "\r\n");
    let marked = format!("\u{feff}{text}");
    let forms: Vec<(&str, &str, Vec<u8>)> = vec![
        ("UTF-8", "north.csv", text.clone().into_bytes()),
        ("a byte-order mark", "north.csv", marked.clone().into_bytes()),
        ("CRLF", "north.csv", crlf.clone().into_bytes()),
        ("no last line end", "north.csv", text.trim_end().as_bytes().to_vec()),
        ("empty lines at the end", "north.csv", format!("{crlf}\r\n\r\n").into_bytes()),
        ("Windows-1252", "north.csv", windows_1252(&text)),
        ("Windows-1252 with CRLF", "north.csv", windows_1252(&crlf)),
        ("UTF-16, little end first", "north.csv", utf_16(&text, 0xFEFF, u16::to_le_bytes)),
        ("UTF-16, big end first", "north.csv", utf_16(&crlf, 0xFEFF, u16::to_be_bytes)),
        ("gzip", "north.csv.gz", gzip(text.as_bytes())),
        ("gzip of Windows-1252", "north.csv.gz", gzip(&windows_1252(&crlf))),
        ("two gzip members", "north.csv.gz", [gzip(&text.as_bytes()[..50]), gzip(&text.as_bytes()[50..])].concat()),
        ("Zstandard", "north.csv.zst", zstd::encode_all(text.as_bytes(), 3).unwrap()),
        ("Zstandard of a byte-order mark", "north.csv.zst", zstd::encode_all(marked.as_bytes(), 3).unwrap()),
    ];
    for (form, name, bytes) in forms {
        let folder = folder();
        std::fs::remove_file(folder.path("suppliers/north.csv")).unwrap();
        folder.write(&format!("suppliers/{name}"), bytes);
        folder.job(&JOB.replace("north*.csv", "north*"));
        folder.run_well();
        assert_eq!(folder.flags("north", "whd"), flags, "{form}");
        assert_eq!(folder.read("out/current/north/rejects.csv").lines().count(), 1, "{form}");
    }
}

#[test]
fn compressed_data_that_break_off_hold_the_supplier_back() {
    let (text, _) = rows();
    for (name, whole) in
        [("north.csv.gz", gzip(text.as_bytes())), ("north.csv.zst", zstd::encode_all(text.as_bytes(), 3).unwrap())]
    {
        let folder = folder();
        std::fs::remove_file(folder.path("suppliers/north.csv")).unwrap();
        folder.write(&format!("suppliers/{name}"), &whole[..whole.len() - 6]);
        folder.job(&JOB.replace("north*.csv", "north*"));
        folder.run(&[]).is_fault(4, &[name, "break off"]);
    }
}

#[test]
fn own_headings_are_mapped_by_the_job_file() {
    let (text, flags) = rows();
    let text = text.replacen("customer_ref", "ACCOUNT NO", 1).replacen("surname", "\"Last, name\"", 1);
    // A heading that is mapped to another column loses its usual meaning.
    let text = text.replacen("supply_end", "notes,supply_end", 1).replace("2020-01-01,", "2020-01-01,2021-01-01,");
    let folder = folder();
    folder.write("suppliers/north.csv", text);
    let columns = "columns = { customer_ref = \"account no\", surname = \"Last, name\" }";
    folder.job(&JOB.replace("[\"suppliers/north*.csv\"]", &format!("[\"suppliers/north*.csv\"]\n{columns}")));
    folder.run_well();
    assert_eq!(folder.flags("north", "whd"), flags);

    let benefits = folder.read("benefits.csv").replacen("claim_ref", "CLAIM", 1);
    folder.write("benefits.csv", benefits);
    folder.run(&[]).is_fault(3, &["benefits.csv", "column claim_ref is missing"]);
    let job = folder.read("job.toml");
    folder.job(&job.replace("[\"benefits*.csv\"]", "[\"benefits*.csv\"]\ncolumns = { claim_ref = \"CLAIM\" }"));
    folder.run_well();
    assert_eq!(folder.flags("north", "whd"), flags);
}

#[test]
fn columns_come_in_any_order_and_names_in_one_field() {
    let folder = folder();
    let text = format!(
        "uprn,colour,full_name,customer_ref,postcode,address_line_1\n{},red,\"{}, {}\",REF-2,{},{}\n",
        ELSPETH.uprn, ELSPETH.surname, ELSPETH.forename, ELSPETH.postcode, ELSPETH.street
    );
    folder.write("suppliers/north.csv", text);
    folder.run_well();
    assert_eq!(folder.flags("north", "whd"), [("REF-2".to_owned(), "Y".to_owned())]);
}

#[test]
fn a_joint_holder_without_a_surname_bears_the_first_ones_in_whichever_column_it_stands() {
    for (heading, first) in [("surname,forename", "Quillfeather,Fergus"), ("full_name,title", "Fergus Quillfeather,Mr")]
    {
        let folder = Folder::sound();
        folder.write(
            "suppliers/north.csv",
            format!(
                "customer_ref,{heading},joint_forename,address_line_1,town,postcode,uprn\n\
                 REF-1,{first},Elspeth,7 Zinnia Row,Quorndon,LE12 8XQ,100099155119\n"
            ),
        );
        folder.run_well();
        assert_eq!(folder.flag("north", "whd", "REF-1"), "Y", "{heading}");
    }
}
