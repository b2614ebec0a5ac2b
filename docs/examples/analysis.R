# A run, looked at closely, in base R: what analysis.ipynb beside it does in pandas, for those who work in R.
#
# For an analyst who may see the administrator's files of a run: exact figures, references of accounts and claims. Pass none
# of it on. docs/files.md describes every column. It needs jsonlite and RSQLite (Debian: r-cran-jsonlite, r-cran-rsqlite),
# and a run; lines with #> show what is printed of the sample data, after `flagmatch run sample-data/job.toml`:
#
#     Rscript docs/examples/analysis.R sample-data/out

arguments <- commandArgs(trailingOnly = TRUE)
out <- if (length(arguments) > 0) arguments[1] else "sample-data/out"
run <- file.path(out, "latest", "administrator")

# References are text: no number, no date, and an empty field is empty.
read <- function(name) {
  read.csv(file.path(run, paste0(name, ".csv")), colClasses = "character", na.strings = character(0), encoding = "UTF-8")
}
decisions <- read("decisions")
review <- read("review")
claims <- read("claims")
record <- jsonlite::fromJSON(file.path(run, "run.json"), simplifyVector = FALSE)

# Suppliers. The flagged share says how many customers are eligible as much as how well they match: it is no match rate.
for (supplier in record$summary$suppliers) {
  for (scheme in supplier$schemes) {
    cat(sprintf("%s, %s: %d of %d accounts on supply are Y, %.1f %%\n", supplier$id, scheme$id, scheme$flagged,
                scheme$on_supply, 100 * scheme$flagged / scheme$on_supply))
  }
}
#> northern-power, whd-2026: 454 of 2605 accounts on supply are Y, 17.4 %
#> brightwell-energy, whd-2026: 311 of 1711 accounts on supply are Y, 18.2 %
#> severnside-electric, whd-2026: 241 of 1310 accounts on supply are Y, 18.4 %

# Household match rate: eligible households with a flag, of all eligible households, with Wilson's 95 % interval. A
# household is all claims that share a person; where its claims differ in outcome, the best counts.
order <- c("M", "M-pending", "reserved", "objected", "limit", "review", "not-on-supply", "U")
claims$rank <- match(claims$outcome, order)
households <- aggregate(rank ~ scheme + household, data = claims, FUN = min)
for (scheme in unique(households$scheme)) {
  own <- households[households$scheme == scheme, ]
  flagged <- sum(own$rank == 1)
  interval <- prop.test(flagged, nrow(own), correct = FALSE)$conf.int
  cat(sprintf("%s: %d of %d households, %.3f (%.3f to %.3f)\n", scheme, flagged, nrow(own), flagged / nrow(own),
              interval[1], interval[2]))
  cat(sprintf("  %s %d\n", order[sort(unique(own$rank))], table(own$rank)), sep = "")
}
#> whd-2026: 1006 of 1252 households, 0.804 (0.781 to 0.825)
#>   M 1006
#>   objected 3
#>   review 23
#>   U 220

# Which match keys are needed? An account that a single key found would be lost without it.
flagged <- decisions[decisions$flag == "Y", ]
keys <- strsplit(flagged$keys, " ", fixed = TRUE)
found <- sort(table(unlist(keys)), decreasing = TRUE)
alone <- table(factor(unlist(keys[lengths(keys) == 1]), levels = names(found)))
cat(sprintf("%s: found %d, alone %d\n", names(found), found, alone), sep = "")
#> surname-alone: found 975, alone 0
#> name+postcode: found 943, alone 0
#> street: found 931, alone 0
#> name+street: found 906, alone 0
#> rare-name: found 872, alone 3
#> given+postcode+number: found 861, alone 0
#> name+birth-date: found 774, alone 0
#> birth-date+postcode: found 765, alone 0
#> given+birth-date: found 735, alone 0
#> given+birth-date+district: found 722, alone 0
#> uprn+initial: found 613, alone 0

# What is review worth? review.csv has a row for each candidate's claim, so an account counts once.
accounts <- review[!duplicated(review[c("supplier", "customer_ref", "scheme")]), ]
worth <- sort(as.numeric(accounts$adds_rebate), decreasing = TRUE)
enough <- which(cumsum(worth) >= 0.8 * sum(worth))[1]
cat(sprintf("%d accounts, %.1f rebates expected; the first %d accounts bring four fifths\n", length(worth), sum(worth), enough))
#> 26 accounts, 15.6 rebates expected; the first 15 accounts bring four fifths

# Over the nights: the ledger has the figures of every run, also of those that were purged.
ledger <- DBI::dbConnect(RSQLite::SQLite(), file.path(out, "ledger.sqlite"), flags = RSQLite::SQLITE_RO)
nights <- DBI::dbGetQuery(ledger, "SELECT * FROM suppliers WHERE held IS NULL ORDER BY run, supplier")
invisible(DBI::dbDisconnect(ledger))
nights$night <- as.integer(factor(nights$run))
cat(sprintf("night %d, %s: %.1f %%\n", nights$night, nights$supplier, 100 * nights$flagged / nights$on_supply), sep = "")
#> night 1, brightwell-energy: 18.2 %
#> night 1, northern-power: 17.4 %
#> night 1, severnside-electric: 18.4 %
