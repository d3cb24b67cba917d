# Values for tests/analysis/test_planned.py: cumulative incidence and Gray's test by cmprsk; backward selection, single
# covariates, log-log points and the test of proportional hazards by survival.
# Run from the root of the project: Rscript tests/reference/planned.R
suppressPackageStartupMessages({library(survival); library(cmprsk)})
out <- list()
add <- function(...) out[[length(out) + 1]] <<- list(...)
control <- coxph.control(eps = 1e-14, iter.max = 100)
z <- qnorm(0.975)

colon <- read.csv("src/equipoise/trials/intergroup0035/data/colon.csv")
colon$differentiation <- factor(c("well", "moderate", "poor")[colon$differ], c("well", "moderate", "poor"))
colon$sex <- factor(ifelse(colon$sex == 1, "male", "female"), c("female", "male"))
colon$obstruction <- factor(ifelse(colon$obstruct == 1, "true", "false"), c("true", "false"))
colon$serosa <- ifelse(colon$extent <= 2, "up_to_muscle", "beyond")
recurrence <- colon[colon$etype == 1, ]
death <- colon[colon$etype == 2, ]
recurrence <- recurrence[order(recurrence$id), ]
death <- death[order(death$id), ]
recurrence$cause <- ifelse(recurrence$status == 1, 1, ifelse(death$status == 1, 2, 0))
recurrence$arm <- c(Obs = "observation", Lev = "levamisole", "Lev+5FU" = "levamisole_fluorouracil")[as.character(recurrence$rx)]

incidence <- function(analysis, group, x, times) {
  fit <- timepoints(cuminc(x$time, x$cause), times * 365.25)
  for (cause in 1:2) {
    level <- c("", "death")[cause]
    row <- grep(sprintf(" %d$", cause), rownames(fit$est))
    for (i in seq_along(times)) {
      f <- fit$est[row, i]
      se <- sqrt(fit$var[row, i])
      reach <- z * se / abs(f * log(f))
      about <- list(analysis = analysis, group = group, level = level, at = times[i] * 365.25, method = "cumulative incidence")
      values <- c(cumulative_incidence = f, std_err = se)
      if (f > 0) values <- c(values, lower = exp(log(f) * exp(reach)), upper = exp(log(f) * exp(-reach)))
      for (name in names(values)) do.call(add, c(about, statistic = name, value = unname(values[name])))
      do.call(add, c(about, statistic = "n_at_risk", value = sum(x$time >= times[i] * 365.25)))
    }
  }
}

gray <- function(analysis, group, x, by) {
  test <- cuminc(x$time, x$cause, by)$Tests["1", ]
  about <- list(analysis = analysis, group = group, method = "Gray's test")
  do.call(add, c(about, statistic = "chi_square", value = unname(test["stat"])))
  do.call(add, c(about, statistic = "df", value = unname(test["df"])))
  do.call(add, c(about, statistic = "p_value_two_sided", value = pchisq(test[["stat"]], test[["df"]], lower.tail = FALSE)))
}

model <- function(analysis, m, places, method, which = seq_along(places)) {
  s <- summary(m)
  for (i in seq_along(places)) {
    j <- which[i]
    about <- list(analysis = analysis, group = places[[i]][1], level = places[[i]][2], method = method)
    do.call(add, c(about, statistic = "hazard_ratio", value = s$conf.int[j, 1]))
    do.call(add, c(about, statistic = "lower", value = s$conf.int[j, 3]))
    do.call(add, c(about, statistic = "upper", value = s$conf.int[j, 4]))
    do.call(add, c(about, statistic = "p_value_two_sided", value = s$coefficients[j, 5]))
  }
}

places <- function(group, terms) {
  every <- list(
    age = list(c(group, "age")), nodes = list(c(group, "nodes")), sex = list(c(group, "sex=male vs sex=female")),
    differentiation = list(c(group, "differentiation=moderate vs differentiation=well"),
                           c(group, "differentiation=poor vs differentiation=well")),
    obstruction = list(c(group, "obstruction=false vs obstruction=true"))
  )
  unlist(every[terms], recursive = FALSE, use.names = FALSE)
}

# The whole of a backward selection by Wald's tests of terms, in the complete cases of all candidates
backward <- function(analysis, group, x, compared, candidates, forced, stay, ties, strata = NULL) {
  outcome <- if (is.null(strata)) "Surv(time, event) ~ " else sprintf("Surv(time, event) ~ strata(%s) + ", strata)
  fit <- function(terms, data) coxph(as.formula(paste0(outcome, paste(terms, collapse = " + "))), data, ties = ties, control = control)
  for (term in candidates) model(analysis, fit(term, x), places(group, term), "univariate Cox")
  if (length(forced)) model(analysis, fit(forced, x), compared, "univariate Cox")
  complete <- x[complete.cases(x[c(candidates, forced)]), ]
  add(analysis = analysis, group = group, level = "step 0", method = "backward selection", statistic = "n", value = nrow(complete))
  add(analysis = analysis, group = group, level = "step 0", method = "backward selection", statistic = "events", value = sum(complete$event))
  left <- candidates
  step <- 0
  repeat {
    m <- fit(c(forced, left), complete)
    terms <- c(forced, left)
    tests <- sapply(terms, function(term) {
      i <- grep(paste0("^", term), names(coef(m)))
      chi <- drop(coef(m)[i] %*% solve(vcov(m)[i, i], coef(m)[i]))
      c(chi, length(i), pchisq(chi, length(i), lower.tail = FALSE))
    })
    say <- function(level, term) {
      values <- setNames(tests[, term], c("chi_square", "df", "p_value_to_stay"))
      for (name in names(values)) {
        add(analysis = analysis, group = group, level = level, method = "backward selection", statistic = name, value = unname(values[name]))
      }
    }
    worst <- left[which.max(tests[3, left])]
    if (tests[3, worst] <= stay) break
    step <- step + 1
    say(sprintf("step %d: %s", step, worst), worst)
    left <- setdiff(left, worst)
  }
  for (term in terms) say(paste0("final: ", if (term == "treated") "arm" else term), term)
  model(analysis, m, c(compared, places(group, left)), "Cox")
  zph <- cox.zph(m, transform = "km", terms = TRUE)$table
  for (term in rownames(zph)) {
    about <- list(analysis = analysis, group = group, level = if (term == "treated") "arm" else term, method = "proportional hazards")
    do.call(add, c(about, statistic = "chi_square", value = zph[term, "chisq"]))
    do.call(add, c(about, statistic = "df", value = zph[term, "df"]))
    do.call(add, c(about, statistic = "p_value_two_sided", value = zph[term, "p"]))
  }
}

# By arm
comparison <- "levamisole_fluorouracil vs observation"
for (arm in unique(recurrence$arm)) incidence("by_arm", arm, recurrence[recurrence$arm == arm, ], c(1, 5))
two <- recurrence[recurrence$arm != "levamisole", ]
gray("by_arm", comparison, two, two$arm)

# By levels of a factor; who has none is in no group
for (level in levels(recurrence$differentiation)) {
  incidence("by_level", paste0("differentiation=", level), recurrence[which(recurrence$differentiation == level), ], c(1, 5))
}
known <- recurrence[!is.na(recurrence$differentiation), ]
gray("by_level", "overall", known, known$differentiation)

# Selection: of covariates alone; beside the arms, which stay, within strata
death$event <- death$status
backward("selected", "overall", death, list(), c("age", "sex", "differentiation", "nodes", "obstruction"), character(0), 0.15, "breslow")
arms <- death[death$rx %in% c("Obs", "Lev+5FU"), ]
arms$treated <- as.numeric(arms$rx == "Lev+5FU")
backward("selected_by_arm", comparison, arms, list(c(comparison, "")), c("age", "sex", "nodes", "obstruction"), "treated", 0.05, "efron", "serosa")

# Exact ties with limits of the profile likelihood; logit limits of a curve
at <- function(b) coxph(Surv(time, event) ~ treated, arms, ties = "exact", init = b, iter.max = 0)$loglik[2]
exact <- coxph(Surv(time, event) ~ treated, arms, ties = "exact", control = control)
b <- coef(exact)[[1]]
fallen <- function(x) 2 * (exact$loglik[2] - at(x)) - qchisq(0.95, 1)
reach <- 4 * sqrt(vcov(exact)[1])
limits <- c(uniroot(fallen, c(b - reach, b), tol = 1e-13)$root, uniroot(fallen, c(b, b + reach), tol = 1e-13)$root)
about <- list(analysis = "exact", group = comparison, method = "Cox")
values <- c(hazard_ratio = exp(b), lower = exp(limits[1]), upper = exp(limits[2]), p_value_two_sided = summary(exact)$coefficients[1, 5])
for (name in names(values)) do.call(add, c(about, statistic = name, value = unname(values[name])))
s <- summary(survfit(Surv(time, event) ~ 1, arms[arms$rx == "Obs", ], conf.type = "logit"), times = 5 * 365.25)
for (name in c("surv", "lower", "upper")) {
  statistic <- c(surv = "survival", lower = "lower", upper = "upper")[[name]]
  add(analysis = "exact", group = "observation", at = 5 * 365.25, method = "logit", statistic = statistic, value = s[[name]])
}

# Restricted means, and the weights S(t-) of Fleming and Harrington
means <- summary(survfit(Surv(time, event) ~ treated, arms), rmean = 5 * 365.25)$table
add(analysis = "late", group = "observation", at = 5 * 365.25, method = "restricted mean", statistic = "restricted_mean", value = means[1, "rmean"])
add(analysis = "late", group = "observation", at = 5 * 365.25, method = "restricted mean", statistic = "std_err", value = means[1, "se(rmean)"])
difference <- means[2, "rmean"] - means[1, "rmean"]
se <- sqrt(sum(means[, "se(rmean)"]^2))
about <- list(analysis = "late", group = comparison, at = 5 * 365.25, method = "restricted mean")
values <- c(restricted_mean_difference = difference, std_err = se, lower = difference - z * se, upper = difference + z * se,
            p_value_two_sided = 2 * pnorm(-abs(difference / se)))
for (name in names(values)) do.call(add, c(about, statistic = name, value = unname(values[name])))
weighted <- survdiff(Surv(time, event) ~ treated, arms, rho = 1)
add(analysis = "late", group = comparison, method = "weighted log-rank", statistic = "chi_square", value = weighted$chisq)
add(analysis = "late", group = "observation", level = comparison, method = "weighted log-rank", statistic = "observed", value = weighted$obs[1])
add(analysis = "late", group = "observation", level = comparison, method = "weighted log-rank", statistic = "expected", value = weighted$exp[1])

# Log-log points
for (arm in c("Obs", "Lev+5FU")) {
  f <- survfit(Surv(time, event) ~ 1, arms[arms$rx == arm, ])
  for (i in which(f$n.event > 0)[c(1, 50, 100)]) {
    add(analysis = "selected_by_arm", group = c(Obs = "observation", "Lev+5FU" = "levamisole_fluorouracil")[[arm]], at = f$time[i],
        method = "points log-log", statistic = "log_minus_log_survival", value = log(-log(f$surv[i])))
  }
}

columns <- c("analysis", "group", "level", "at", "method", "statistic", "value")
frame <- do.call(rbind, lapply(out, function(r) {
  cells <- lapply(columns, function(c) if (is.null(r[[c]])) "" else if (is.numeric(r[[c]])) sprintf("%.17g", r[[c]]) else r[[c]])
  as.data.frame(setNames(cells, columns))
}))
con <- file("tests/reference/planned.csv", "w")
writeLines(sprintf("# %s, survival %s, cmprsk %s", R.version.string, packageVersion("survival"), packageVersion("cmprsk")), con)
write.csv(frame, con, row.names = FALSE, quote = FALSE)
close(con)
