# Values for tests/analysis: the planned analyses of the two shipped trials, by R survival.
# Run from the root of the project: Rscript tests/reference/analysis.R
suppressPackageStartupMessages(library(survival))
options(digits = 17)
out <- list()
add <- function(...) out[[length(out) + 1]] <<- list(...)
control <- coxph.control(eps = 1e-14, iter.max = 100)

rows <- function(trial, d, arms, control_arm, experimental, strata, subgroups, times, unit) {
  for (a in arms) {
    x <- d[d$arm == a, ]
    for (type in c("log-log")) {
      f <- survfit(Surv(time, event) ~ 1, x, conf.type = type)
      s <- summary(f, times = times * unit, extend = TRUE)
      for (i in seq_along(times)) {
        if (times[i] * unit > max(x$time)) next
        add(trial = trial, group = a, statistic = "survival", at = times[i] * unit, value = s$surv[i])
        add(trial = trial, group = a, statistic = "std_err", at = times[i] * unit, value = s$std.err[i])
        add(trial = trial, group = a, statistic = "lower", at = times[i] * unit, value = s$lower[i])
        add(trial = trial, group = a, statistic = "upper", at = times[i] * unit, value = s$upper[i])
        add(trial = trial, group = a, statistic = "n_at_risk", at = times[i] * unit, value = s$n.risk[i])
      }
      q <- quantile(f, 0.5)
      add(trial = trial, group = a, statistic = "median", value = unname(q$quantile))
      add(trial = trial, group = a, statistic = "median_lower", value = unname(q$lower))
      add(trial = trial, group = a, statistic = "median_upper", value = unname(q$upper))
    }
    r <- quantile(survfit(Surv(time, 1 - ended) ~ 1, x, conf.type = "log-log"), 0.5)
    add(trial = trial, group = a, statistic = "reverse_median", value = unname(r$quantile))
    add(trial = trial, group = a, statistic = "reverse_lower", value = unname(r$lower))
    add(trial = trial, group = a, statistic = "reverse_upper", value = unname(r$upper))
  }
  right <- if (length(strata)) paste("+ strata(", paste(strata, collapse = ","), ")") else ""
  for (e in experimental) {
    x <- d[d$arm %in% c(control_arm, e), ]
    x$treated <- as.numeric(x$arm == e)
    group <- paste(e, "vs", control_arm)
    f <- as.formula(paste("Surv(time, event) ~ treated", right))
    t <- survdiff(f, x)
    add(trial = trial, group = group, statistic = "chi_square", value = t$chisq)
    add(trial = trial, group = group, statistic = "logrank_p", value = pchisq(t$chisq, 1, lower.tail = FALSE))
    m <- summary(coxph(f, x, ties = "efron", control = control))
    add(trial = trial, group = group, statistic = "hazard_ratio", value = m$conf.int[1, 1])
    add(trial = trial, group = group, statistic = "lower", value = m$conf.int[1, 3])
    add(trial = trial, group = group, statistic = "upper", value = m$conf.int[1, 4])
    add(trial = trial, group = group, statistic = "log_hazard_ratio", value = m$coefficients[1, 1])
    add(trial = trial, group = group, statistic = "std_err", value = m$coefficients[1, 3])
    add(trial = trial, group = group, statistic = "p_value_two_sided", value = m$coefficients[1, 5])
    for (g in subgroups) {
      y <- x[!is.na(x[[g]]), ]
      y$g <- factor(y[[g]])
      small <- coxph(as.formula(paste("Surv(time, event) ~ treated + g", right)), y, control = control)
      large <- coxph(as.formula(paste("Surv(time, event) ~ treated * g", right)), y, control = control)
      chi <- 2 * (large$loglik[2] - small$loglik[2])
      df <- sum(!is.na(coef(large))) - sum(!is.na(coef(small)))
      add(trial = trial, group = group, statistic = "interaction_chi_square", level = g, value = chi)
      add(trial = trial, group = group, statistic = "interaction_p_value", level = g,
          value = pchisq(chi, df, lower.tail = FALSE))
      for (l in levels(y$g)) {
        z <- y[y$g == l, ]
        s <- summary(coxph(f, z, control = control))
        add(trial = trial, group = group, statistic = "hazard_ratio", subset = paste0(g, "=", l), value = s$conf.int[1, 1])
        add(trial = trial, group = group, statistic = "lower", subset = paste0(g, "=", l), value = s$conf.int[1, 3])
        add(trial = trial, group = group, statistic = "upper", subset = paste0(g, "=", l), value = s$conf.int[1, 4])
        for (a in c(control_arm, e)) {
          add(trial = trial, group = a, statistic = "n", subset = paste0(g, "=", l), value = sum(z$arm == a))
          add(trial = trial, group = a, statistic = "events", subset = paste0(g, "=", l), value = sum(z$event[z$arm == a]))
        }
      }
    }
  }
  k <- survdiff(as.formula(paste("Surv(time, event) ~ arm", right)), d)
  add(trial = trial, group = "overall", statistic = "chi_square", value = k$chisq)
  add(trial = trial, group = "overall", statistic = "logrank_p",
      value = pchisq(k$chisq, length(arms) - 1, lower.tail = FALSE))
}

colon <- read.csv("src/equipoise/trials/intergroup0035/data/colon.csv")
colon$arm <- c(Obs = "observation", Lev = "levamisole", "Lev+5FU" = "levamisole_fluorouracil")[colon$rx]
colon$age_group <- cut(colon$age, c(-Inf, 50, 70, Inf), c("under_50", "from_50_to_69", "from_70"), right = FALSE)
colon$sex <- ifelse(colon$sex == 1, "male", "female")
for (v in c("obstruct", "perfor", "adhere", "node4")) colon[[v]] <- ifelse(colon[[v]] == 1, "true", "false")
colon$obstruction <- colon$obstruct
colon$adherence <- colon$adhere
colon$nodes_over_4 <- colon$node4
colon$differentiation <- c("well", "moderate", "poor")[colon$differ]
colon$serosa <- ifelse(colon$extent <= 2, "up_to_muscle", "beyond")
colon$surgery_interval <- ifelse(colon$surg == 1, "long", "short")
recurrence <- colon[colon$etype == 1, ]
death <- colon[colon$etype == 2, ]
recurrence <- recurrence[order(recurrence$id), ]
death <- death[order(death$id), ]
arms <- c("observation", "levamisole", "levamisole_fluorouracil")
experimental <- c("levamisole_fluorouracil", "levamisole")
factors <- c("age_group", "sex", "obstruction", "adherence", "differentiation", "serosa", "nodes_over_4", "surgery_interval")
strata <- c("serosa", "nodes_over_4", "surgery_interval")
recurrence$event <- recurrence$status
recurrence$ended <- pmax(recurrence$status, death$status) # a death without recurrence also ends follow-up
rows("recurrence", recurrence, arms, "observation", experimental, NULL, factors, c(1, 3, 5, 7), 365.25)
death$event <- death$ended <- death$status
rows("overall_survival", death, arms, "observation", experimental, NULL, factors, c(1, 3, 5, 7), 365.25)
dfs <- recurrence
dfs$event <- dfs$ended <- pmax(recurrence$status, death$status)
rows("disease_free_survival", dfs, arms, "observation", experimental, strata, NULL, c(1, 3, 5, 7), 365.25)

pilot <- read.csv("tests/reference/adtte.csv")
pilot$time <- pilot$AVAL
pilot$event <- pilot$ended <- 1 - pilot$CNSR
pilot$arm <- c(Placebo = "placebo", "Xanomeline Low Dose" = "xanomeline_low", "Xanomeline High Dose" = "xanomeline_high")[pilot$TRTP]
rows("ttde", pilot, c("placebo", "xanomeline_low", "xanomeline_high"), "placebo",
     c("xanomeline_high", "xanomeline_low"), NULL, NULL, c(30, 60, 90, 180), 1)

columns <- c("trial", "subset", "group", "level", "at", "statistic", "value")
frame <- do.call(rbind, lapply(out, function(r) {
  cells <- lapply(columns, function(c) if (is.null(r[[c]])) "" else if (is.numeric(r[[c]])) sprintf("%.17g", r[[c]]) else r[[c]])
  as.data.frame(setNames(cells, columns))
}))
header <- sprintf("# %s, survival %s", R.version.string, packageVersion("survival"))
con <- file("tests/reference/analysis.csv", "w")
writeLines(header, con)
write.csv(frame, con, row.names = FALSE, quote = FALSE)
close(con)
