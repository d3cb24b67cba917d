# The data of the cases. Each of `small` is one data set with time, status (1 = event) and, where there
# are groups, group. They are written into the JSON files, so that Python needs no copy of them.

colon_data <- read.csv(colon_path)
adtte <- read.csv(file.path(here, "adtte.csv"))

set.seed(20260101, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
tied <- data.frame(time = sample(0:6, 60, TRUE), status = rbinom(60, 1, 0.6), group = rep(c("A", "B"), 30))
# HR 8 in 600 subjects: P values far below 1e-16.
far <- data.frame(group = rep(c("A", "B"), each = 300))
far$time <- ceiling(rexp(600, ifelse(far$group == "A", 0.008, 0.001)))
far$status <- as.integer(far$time <= 900)
far$time <- pmin(far$time, 900)

complete <- function(data, columns) data[complete.cases(data[, columns]), columns]
as_small <- function(time, status, group = rep("A", length(time)))
  data.frame(time = time, status = status, group = as.character(group))

small <- list(
  lung = with(lung, as_small(time, status - 1, ifelse(sex == 1, "A", "B"))),
  veteran = with(veteran, as_small(time, status, c("A", "B")[trt])),
  veteran_cells = with(veteran, as_small(time, status, celltype)),
  ovarian = with(ovarian, as_small(futime, fustat, c("A", "B")[rx])),
  kidney = with(kidney, as_small(time, status, c("A", "B")[sex])),
  aml = with(aml, as_small(time, status, ifelse(x == "Maintained", "B", "A"))),
  stanford2 = with(stanford2, as_small(time, status, ifelse(age > 40, "B", "A"))),
  heavily_tied = with(tied, as_small(time, status, group)),
  far_apart = with(far, as_small(time, status, group)),
  time_zero = as_small(c(0, 0, 1, 2, 3, 4, 0, 2), c(1, 0, 1, 0, 1, 0, 1, 1), rep(c("A", "B"), 4)),
  all_die_at_zero = as_small(c(0, 0, 0), c(1, 1, 1)),
  censored_first = as_small(c(1, 2, 3, 4), c(0, 1, 1, 1)),
  plateau_at_half = as_small(1:6, c(1, 1, 1, 0, 1, 0)),
  plateau_to_end = as_small(c(1, 2, 3, 4), c(1, 1, 0, 0)),
  quarter_steps = as_small(1:4, c(1, 1, 1, 1)),
  all_censored = as_small(c(1, 2, 2, 3), c(0, 0, 0, 0)),
  one_event = as_small(5, 1),
  one_censored = as_small(5, 0),
  event_and_censoring_tie = as_small(c(3, 3, 3, 5, 5), c(1, 0, 0, 1, 0)),
  near_ties = as_small(c(0.1 + 0.2, 0.3, 0.7, 1.1, 0.4 + 0.7, 1.1, 2.5, 3.25), c(1, 1, 0, 1, 0, 1, 1, 0),
                       rep(c("A", "B"), 4)),
  arm_without_events = as_small(c(1, 2, 3, 4, 5, 6, 7, 8), c(1, 0, 1, 0, 1, 0, 1, 0), rep(c("A", "B"), 4)),
  late_group = as_small(c(5, 6, 7, 8, 1, 1, 9, 3), c(1, 1, 0, 1, 0, 0, 1, 1),
                        c("A", "B", "A", "B", "C", "C", "A", "B"))
)
