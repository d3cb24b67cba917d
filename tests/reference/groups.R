# Values for tests/analysis/test_groups.py: analyses without comparisons of arms, by R survival.
# Run from the root of the project: Rscript tests/reference/groups.R
suppressPackageStartupMessages(library(survival))
out <- list()
add <- function(...) out[[length(out) + 1]] <<- list(...)
control <- coxph.control(eps = 1e-14, iter.max = 100)

curve <- function(analysis, group, x, times) {
  f <- survfit(Surv(time, event) ~ 1, x, conf.type = "log-log")
  s <- summary(f, times = times * 365.25)
  for (name in c("surv", "lower", "upper", "n.risk")) {
    statistic <- c(surv = "survival", lower = "lower", upper = "upper", n.risk = "n_at_risk")[[name]]
    for (i in seq_along(times)) {
      add(analysis = analysis, group = group, at = times[i] * 365.25, statistic = statistic, value = s[[name]][i])
    }
  }
  q <- quantile(f, 0.5)
  add(analysis = analysis, group = group, statistic = "median", value = unname(q$quantile))
  add(analysis = analysis, group = group, statistic = "events", value = sum(x$event))
}

model <- function(analysis, m, places) {
  s <- summary(m)
  for (i in seq_along(places)) {
    about <- list(analysis = analysis, group = places[[i]][1], level = places[[i]][2])
    do.call(add, c(about, statistic = "hazard_ratio", value = s$conf.int[i, 1]))
    do.call(add, c(about, statistic = "lower", value = s$conf.int[i, 3]))
    do.call(add, c(about, statistic = "upper", value = s$conf.int[i, 4]))
    do.call(add, c(about, statistic = "p_value_two_sided", value = s$coefficients[i, 5]))
  }
}

test <- function(analysis, t, df) {
  add(analysis = analysis, group = "overall", statistic = "chi_square", value = t$chisq)
  add(analysis = analysis, group = "overall", statistic = "logrank_p", value = pchisq(t$chisq, df, lower.tail = FALSE))
}

colon <- read.csv("src/equipoise/trials/intergroup0035/data/colon.csv")
colon$differentiation <- factor(c("well", "moderate", "poor")[colon$differ], c("well", "moderate", "poor"))
colon$sex <- factor(ifelse(colon$sex == 1, "male", "female"), c("female", "male"))
colon$nodes_over_4 <- factor(ifelse(colon$node4 == 1, "true", "false"), c("true", "false"))
colon$serosa <- ifelse(colon$extent <= 2, "up_to_muscle", "beyond")
recurrence <- colon[colon$etype == 1, ]
death <- colon[colon$etype == 2, ]
recurrence <- recurrence[order(recurrence$id), ]
death <- death[order(death$id), ]
death$event <- death$status

# Levels of a factor, with covariates; those whose differentiation is not recorded are in no group.
for (level in levels(death$differentiation)) {
  curve("os_by_differentiation", paste0("differentiation=", level), death[which(death$differentiation == level), ], c(1, 5))
}
test("os_by_differentiation", survdiff(Surv(time, event) ~ differentiation, death), 2)
model("os_by_differentiation", coxph(Surv(time, event) ~ differentiation + age + sex, death, control = control), list(
  c("differentiation=moderate vs differentiation=well", ""), c("differentiation=poor vs differentiation=well", ""),
  c("overall", "age"), c("overall", "sex=male vs sex=female")
))

# Everyone together, with a model of covariates alone
curve("os_of_all", "overall", death, c(1, 5))
model("os_of_all", coxph(Surv(time, event) ~ age + differentiation, death, ties = "breslow", control = control), list(
  c("overall", "age"), c("overall", "differentiation=moderate vs differentiation=well"),
  c("overall", "differentiation=poor vs differentiation=well")
))

# From recurrence, for those who had one, stratified
after <- death[recurrence$status == 1, ]
after$time <- after$time - recurrence$time[recurrence$status == 1]
for (level in levels(after$nodes_over_4)) {
  curve("after_recurrence", paste0("nodes_over_4=", level), after[after$nodes_over_4 == level, ], 1)
}
test("after_recurrence", survdiff(Surv(time, event) ~ nodes_over_4 + strata(serosa), after), 1)
model("after_recurrence", coxph(Surv(time, event) ~ nodes_over_4 + strata(serosa), after, control = control), list(
  c("nodes_over_4=false vs nodes_over_4=true", "")
))

# A comparison of arms with covariates: every coefficient of its model
arms <- death[death$rx %in% c("Obs", "Lev+5FU"), ]
arms$treated <- as.numeric(arms$rx == "Lev+5FU")
comparison <- "levamisole_fluorouracil vs observation"
model("adjusted", coxph(Surv(time, event) ~ treated + sex + nodes, arms, control = control), list(
  c(comparison, ""), c(comparison, "sex=male vs sex=female"), c(comparison, "nodes")
))

columns <- c("analysis", "group", "level", "at", "statistic", "value")
frame <- do.call(rbind, lapply(out, function(r) {
  cells <- lapply(columns, function(c) if (is.null(r[[c]])) "" else if (is.numeric(r[[c]])) sprintf("%.17g", r[[c]]) else r[[c]])
  as.data.frame(setNames(cells, columns))
}))
con <- file("tests/reference/groups.csv", "w")
writeLines(sprintf("# %s, survival %s", R.version.string, packageVersion("survival")), con)
write.csv(frame, con, row.names = FALSE, quote = FALSE)
close(con)
