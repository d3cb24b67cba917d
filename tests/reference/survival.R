# Reference values of R's survival package for tests/stats. From the root of the repository:
#   Rscript tests/reference/survival.R [folder of these scripts] [colon.csv]
# Writes kaplan_meier.json, log_rank.json, cox.json and numbers.json beside this script.

arguments <- commandArgs(trailingOnly = TRUE)
here <- if (length(arguments) >= 1) arguments[1] else "tests/reference"
colon_path <- if (length(arguments) >= 2) arguments[2] else "src/equipoise/trials/intergroup0035/data/colon.csv"

library(survival)
for (part in c("json.R", "data.R", "kaplan_meier.R", "log_rank.R", "cox.R", "numbers.R"))
  source(file.path(here, part))
