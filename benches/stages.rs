//! Measures the stages that every row goes through: reading, normalising each field, match keys, their hashes, the
//! index, and candidates.
//!
//! The rows are those of a synthetic nation, so names, dates and addresses have realistic frequencies and forms. `cargo
//! bench` measures all stages; `cargo bench -- postcode` one.

use std::error::Error;
use std::fs::File;
use std::hint::black_box;
use std::path::{Path, PathBuf};

use criterion::{Criterion, Throughput};
use flagmatch::date::Date;
use flagmatch::intake::{self, CUSTOMERS, Column, ColumnMap, Consumer, Faults, ReadSettings, Row};
use flagmatch::matching::Workbench;
use flagmatch::normalise::name::{self, NameFields};
use flagmatch::normalise::{Home, Identity, address, birth_date, postcode, sound, uprn};
use flagmatch::progress::Unwatched;
use flagmatch::synth::{self, Nation, Noise};
use tempfile::TempDir;

const CUSTOMER_ROWS: u64 = 50_000;

/// The number of rows whose fields are normalised: few enough to stay in the cache, as a row just parsed does.
const NORMALISED_ROWS: usize = 4_000;

/// The number of holders whose candidates are looked up.
const MATCHED_ROWS: usize = 50_000;

/// A customer file, and the fields of its rows as typed.
struct Customers {
    folder: TempDir,
    path: PathBuf,
    rows: Vec<csv::StringRecord>,
}

impl Customers {
    fn make() -> Result<Customers, Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        let nation = Nation {
            customers: CUSTOMER_ROWS,
            benefits: CUSTOMER_ROWS / 3,
            suppliers: 1,
            seed: 1,
            noise: Noise::default(),
        };
        synth::write(&nation, folder.path(), &Unwatched)?;
        let path = folder.path().join("suppliers/supplier-01.csv");
        let rows = csv::Reader::from_path(&path)?.records().collect::<Result<_, _>>()?;
        Ok(Customers { folder, path, rows })
    }

    /// The values of these columns in the first rows, one array a row.
    fn columns<const N: usize>(&self, names: [&str; N]) -> Result<Vec<[&str; N]>, Box<dyn Error>> {
        let header = csv::Reader::from_path(&self.path)?.headers()?.clone();
        let mut places = [0; N];
        for (place, name) in places.iter_mut().zip(names) {
            *place = header.iter().position(|heading| heading == name).ok_or(name)?;
        }
        Ok(self.rows.iter().take(NORMALISED_ROWS).map(|row| places.map(|place| &row[place])).collect())
    }
}

/// Reads two fields of each row, as any consumer must.
#[derive(Default)]
struct Counting {
    bytes: usize,
}

impl Consumer for Counting {
    fn take(&mut self, row: &Row<'_>, _: &mut Faults) {
        self.bytes += row.get(Column::CustomerRef).len() + row.get(Column::Surname).len();
    }
}

fn reading(criterion: &mut Criterion, customers: &Customers) -> Result<(), Box<dyn Error>> {
    let mut group = criterion.benchmark_group("read");
    group.throughput(Throughput::Bytes(std::fs::metadata(&customers.path)?.len())).sample_size(20);
    let read = || {
        let columns = ColumnMap::default();
        let read = intake::read(
            &customers.path,
            &CUSTOMERS,
            &columns,
            &ReadSettings::default(),
            &Unwatched,
            Counting::default,
        );
        read.map(|read| read.consumers.iter().map(|consumer| consumer.bytes).sum::<usize>())
    };
    let one_thread = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    group.bench_function("intake, one thread", |bencher| bencher.iter(|| one_thread.install(read)));
    group.bench_function("intake, all cores", |bencher| bencher.iter(read));
    group.bench_function("csv crate", |bencher| {
        bencher.iter(|| {
            let mut reader = csv::Reader::from_reader(File::open(&customers.path)?);
            let (mut record, mut bytes) = (csv::ByteRecord::new(), 0);
            while reader.read_byte_record(&mut record)? {
                bytes += record[0].len() + record[4].len();
            }
            Ok::<_, csv::Error>(bytes)
        });
    });
    group.bench_function("csv crate, checked UTF-8", |bencher| {
        bencher.iter(|| {
            let mut reader = csv::Reader::from_reader(File::open(&customers.path)?);
            let (mut record, mut bytes) = (csv::StringRecord::new(), 0);
            while reader.read_record(&mut record)? {
                bytes += record[0].len() + record[4].len();
            }
            Ok::<_, csv::Error>(bytes)
        });
    });
    group.finish();
    Ok(())
}

/// Measures one function over this field of all rows.
fn field<T, R>(criterion: &mut Criterion, name: &str, rows: &[T], read: impl Fn(&T) -> R) {
    let mut group = criterion.benchmark_group("normalise");
    group.throughput(Throughput::Elements(rows.len() as u64)).sample_size(20);
    group.bench_function(name, |bencher| {
        bencher.iter(|| {
            for row in rows {
                black_box(read(row));
            }
        });
    });
    group.finish();
}

fn normalising(criterion: &mut Criterion, customers: &Customers) -> Result<(), Box<dyn Error>> {
    let latest = Date::new(2026, 8, 23).ok_or("a day that exists")?;
    let names = customers.columns(["title", "forename", "middle_names", "surname"])?;
    field(criterion, "names", &names, |&[title, forename, middle_names, surname]| {
        name::read(&NameFields { title, forename, middle_names, surname, ..NameFields::default() })
    });
    let dates = customers.columns(["date_of_birth"])?;
    field(criterion, "birth dates", &dates, |[text]| birth_date::birth_date(text, latest));
    let postcodes = customers.columns(["postcode"])?;
    field(criterion, "postcodes", &postcodes, |[text]| postcode::postcode(text));
    let uprns = customers.columns(["uprn"])?;
    field(criterion, "UPRNs", &uprns, |[text]| uprn::uprn(text));
    let addresses = customers.columns(["address_line_1", "address_line_2", "address_line_3", "town"])?;
    field(criterion, "addresses", &addresses, |[first, second, third, town]| {
        address::address(&[first, second, third], town)
    });
    let surnames: Vec<String> = customers.columns(["surname"])?.iter().map(|[name]| name.to_uppercase()).collect();
    field(criterion, "sounds of surnames", &surnames, |surname| sound::sound(surname));
    Ok(())
}

/// The first person that each of a file's first rows names.
fn people(path: &Path, latest: Date) -> Result<Vec<Identity>, Box<dyn Error>> {
    let mut reader = csv::Reader::from_path(path)?;
    let header = reader.headers()?.clone();
    let place = |name: &str| header.iter().position(|heading| heading == name).ok_or(name.to_owned());
    let columns = ["forename", "middle_names", "surname", "date_of_birth", "address_line_1", "address_line_2", "town"];
    let mut places = [0; 9];
    for (place_of, name) in places.iter_mut().zip(columns.iter().chain(&["postcode", "uprn"])) {
        *place_of = place(name)?;
    }
    let mut people = Vec::new();
    for row in reader.records().take(MATCHED_ROWS) {
        let row = row?;
        let [forename, middle_names, surname, born, first, second, town, code, property] = places.map(|at| &row[at]);
        let fields = NameFields { forename, middle_names, surname, ..NameFields::default() };
        people.push(Identity {
            name: name::read(&fields).people.into_iter().next().unwrap_or_default(),
            birth_date: birth_date::birth_date(born, latest).known(),
            home: Home {
                postcode: postcode::postcode(code).known().unwrap_or_default(),
                uprn: uprn::uprn(property).known(),
                address: address::address(&[first, second], town),
            },
        });
    }
    Ok(people)
}

fn matching(criterion: &mut Criterion, customers: &Customers) -> Result<(), Box<dyn Error>> {
    let latest = Date::new(2026, 8, 23).ok_or("a day that exists")?;
    let folder = customers.folder.path();
    let bench = Workbench::new(people(&folder.join("benefits.csv"), latest)?, people(&customers.path, latest)?, latest);
    let keys = Throughput::Elements(bench.key_count() as u64);
    let tried = Throughput::Elements(bench.tried_count() as u64);
    let holders = Throughput::Elements(bench.holder_count() as u64);
    let mut group = criterion.benchmark_group("matching");
    group.sample_size(20);
    group.throughput(keys.clone()).bench_function("make keys", |bencher| bencher.iter(|| bench.make_keys()));
    group.throughput(keys.clone()).bench_function("hash keys", |bencher| bencher.iter(|| bench.hash()));
    group.throughput(keys).bench_function("build the index", |bencher| bencher.iter(|| bench.build()));
    group.throughput(tried).bench_function("probe it", |bencher| bencher.iter(|| bench.probe()));
    group.throughput(holders).bench_function("keys, probes and scores", |bencher| bencher.iter(|| bench.find()));
    group.finish();
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut criterion = Criterion::default().configure_from_args();
    let customers = Customers::make()?;
    reading(&mut criterion, &customers)?;
    normalising(&mut criterion, &customers)?;
    matching(&mut criterion, &customers)?;
    criterion.final_summary();
    Ok(())
}
