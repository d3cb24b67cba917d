# Data sets of R packages as CSV files for the evidence pack: Rscript verification/evidence/data.R
library(survival)
folder <- "src/equipoise/validation/data"
save <- function(d, name) write.csv(format_numbers(d), file.path(folder, paste0(name, ".csv")), row.names = FALSE, quote = FALSE, na = "NA")
format_numbers <- function(d) { for (n in names(d)) if (is.double(d[[n]])) d[[n]] <- ifelse(is.na(d[[n]]), NA, sprintf("%.17g", d[[n]])); d }

lung2 <- lung; lung2$status <- lung2$status - 1; save(lung2, "lung")
save(veteran, "veteran"); save(ovarian, "ovarian"); save(kidney, "kidney"); save(aml, "aml"); save(rats, "rats")
save(stanford2, "stanford2"); save(heart, "heart"); save(bladder2, "bladder2"); save(pbc, "pbc")
m <- mgus2; m$etime <- with(m, ifelse(pstat == 0, futime, ptime)); m$cause <- with(m, ifelse(pstat == 0, 2 * death, 1))
save(m, "mgus2")
col <- colon; save(col[col$etype == 1, ], "colon_recurrence"); save(col[col$etype == 2, ], "colon_death")
data(Melanoma, package = "riskRegression"); save(Melanoma[, c("time", "status", "sex", "age", "logthick", "thick")], "melanoma")
