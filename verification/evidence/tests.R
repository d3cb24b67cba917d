# Tests between survival curves: Rscript verification/evidence/tests.R
# survdiff for rho = 0 and 1; every other weight by the loop below, which takes the curve from survfit and nothing from
# survdiff; coxph(ties = "exact") for late entry (its score test has the hypergeometric variance); coin for exact P
# values; mvtnorm for boxes of the normal distribution.
source("verification/evidence/json.R")
suppressMessages({library(survival); library(coin); library(mvtnorm)})
set.seed(1)

# Data that are not columns of the shipped files: complete rows, or a column made of another.
complete <- lung[complete.cases(lung[, c("time", "status", "sex", "ph.ecog", "inst")]), ]
d_lung <- with(complete, data.frame(time, event = status - 1, sex, ecog = ph.ecog, inst))
d_pbc <- with(pbc[!is.na(pbc$trt), ], data.frame(time, event = as.integer(status == 2), trt, stage, sex = as.character(sex)))
d_stanford <- with(stanford2, data.frame(time, event = status, old = as.integer(age > 45)))
d_months <- with(lung, data.frame(time = round(time / 30.4375, 1), event = status - 1, sex))
d_late <- with(heart, data.frame(start, stop, event, transplant = as.integer(as.character(transplant)), surgery))
# Tied whole times with late entry, three groups.
n <- 90
d_entry <- data.frame(start = sample(0:9, n, TRUE), group = sample(c("a", "b", "c"), n, TRUE), site = sample(1:3, n, TRUE))
d_entry$stop <- d_entry$start + sample(1:12, n, TRUE); d_entry$event <- rbinom(n, 1, .6)

inline <- function(d) lapply(as.list(d), function(x) I(if (is.factor(x)) as.character(x) else x))
data <- list(lung = "lung.csv", veteran = "veteran.csv", ovarian = "ovarian.csv", aml = "aml.csv", kidney = "kidney.csv",
             rats = "rats.csv", recurrence = "colon_recurrence.csv", death = "colon_death.csv", lung_complete = inline(d_lung),
             pbc_randomized = inline(d_pbc), stanford = inline(d_stanford), months = inline(d_months), late = inline(d_late),
             entry = inline(d_entry))
lung_ <- transform(lung, status = status - 1)
sets <- list(
  list(data = "lung", d = lung_, time = "time", event = "status", group = "sex", groups = c(1, 2)),
  list(data = "months", d = d_months, time = "time", event = "event", group = "sex", groups = c(2, 1)),
  list(data = "veteran", d = veteran, time = "time", event = "status", group = "trt", groups = c(1, 2)),
  list(data = "veteran", d = veteran, time = "time", event = "status", group = "trt", groups = c(1, 2), strata = "celltype"),
  list(data = "veteran", d = veteran, time = "time", event = "status", group = "celltype", groups = c("squamous", "smallcell", "adeno", "large")),
  list(data = "veteran", d = veteran, time = "time", event = "status", group = "celltype", groups = c("squamous", "smallcell", "adeno", "large"), strata = "trt"),
  list(data = "ovarian", d = ovarian, time = "futime", event = "fustat", group = "rx", groups = c(1, 2)),
  list(data = "ovarian", d = ovarian, time = "futime", event = "fustat", group = "rx", groups = c(1, 2), strata = "ecog.ps"),
  list(data = "aml", d = aml, time = "time", event = "status", group = "x", groups = c("Nonmaintained", "Maintained")),
  list(data = "kidney", d = kidney, time = "time", event = "status", group = "disease", groups = c("Other", "GN", "AN", "PKD")),
  list(data = "rats", d = rats, time = "time", event = "status", group = "rx", groups = c(0, 1), strata = "litter"),
  list(data = "recurrence", d = colon[colon$etype == 1, ], time = "time", event = "status", group = "rx", groups = c("Obs", "Lev", "Lev+5FU")),
  list(data = "death", d = colon[colon$etype == 2, ], time = "time", event = "status", group = "rx", groups = c("Obs", "Lev", "Lev+5FU"), strata = c("extent", "node4")),
  list(data = "death", d = colon[colon$etype == 2, ], time = "time", event = "status", group = "sex", groups = c(0, 1), strata = "rx"),
  list(data = "lung_complete", d = d_lung, time = "time", event = "event", group = "sex", groups = c(1, 2), strata = "ecog"),
  list(data = "lung_complete", d = d_lung, time = "time", event = "event", group = "sex", groups = c(1, 2), strata = "inst"),
  list(data = "pbc_randomized", d = d_pbc, time = "time", event = "event", group = "trt", groups = c(2, 1), strata = c("stage", "sex")),
  list(data = "pbc_randomized", d = d_pbc, time = "time", event = "event", group = "stage", groups = c(1, 2, 3, 4)),
  list(data = "stanford", d = d_stanford, time = "time", event = "event", group = "old", groups = c(0, 1))
)
arguments <- function(s) c(list(time = s$time, event = s$event, group = s$group, groups = I(s$groups)),
                           if (!is.null(s$strata)) list(strata = if (length(s$strata) > 1) I(s$strata) else s$strata),
                           if (!is.null(s$entry)) list(entry = s$entry))
label <- function(s) paste0(s$data, " by ", s$group, if (!is.null(s$strata)) paste0(", strata ", paste(s$strata, collapse = ", ")))
cases <- list()
add <- function(...) cases[[length(cases) + 1]] <<- case(...)

tested <- function(o, e, v, chisq, df) {
  values <- list(observed = I(as.vector(o)), expected = I(as.vector(e)), variance = unname(v), chi_square = chisq, df = df,
                 p_value_two_sided = pchisq(chisq, df, lower.tail = FALSE))
  if (length(o) == 2) {
    z <- as.vector(sign(e[2] - o[2]) * sqrt(chisq))
    values$z <- z; values$p_value_one_sided <- pnorm(z, lower.tail = FALSE)
  }
  values
}

for (s in sets) for (rho in c(0, 1)) {
  d <- s$d; d$g <- factor(d[[s$group]], levels = s$groups)
  d$s <- if (is.null(s$strata)) 1 else as.integer(interaction(d[s$strata], drop = TRUE))
  formula <- as.formula(paste0("Surv(", s$time, ", ", s$event, ") ~ g", if (!is.null(s$strata)) " + strata(s)"))
  f <- survdiff(formula, data = d, rho = rho)
  sums <- function(x) if (is.matrix(x)) rowSums(x) else x
  o <- sums(f$obs); e <- sums(f$exp)
  values <- tested(o, e, f$var, f$chisq, sum(e > 0) - 1)
  if (rho == 0) add(paste("log-rank,", label(s)), "log_rank", "r", c(list(n = I(as.vector(table(d$g)))), values), arguments(s), s$data)
  else add(paste("rho 1,", label(s)), "weighted_log_rank", "r", values, c(arguments(s), list(weight = "fleming-harrington", rho = 1, gamma = 0)), s$data)
  # The hazard ratio by (O - E) / V, from the same output.
  if (rho == 0 && length(o) == 2) {
    v <- f$var[2, 2]; b <- unname((o - e)[2]) / v
    add(paste("Peto hazard ratio,", label(s)), "peto_hazard_ratio", "r",
        list(hazard_ratio = exp(b), lower = exp(b - qnorm(.95) / sqrt(v)), upper = exp(b + qnorm(.95) / sqrt(v)), std_err = 1 / sqrt(v)),
        c(arguments(s), list(confidence_level = .9)), s$data)
  }
}

# Any weight: one table at a time.  weight(n, d, S(t-), S(t), product so far of 1 - d/(n+1))
by_hand <- function(s, weight, scores = NULL) {
  d <- s$d; g <- match(d[[s$group]], s$groups); k <- length(s$groups)
  strata <- if (is.null(s$strata)) rep(1, nrow(d)) else as.integer(interaction(d[s$strata], drop = TRUE))
  t <- d[[s$time]]; event <- d[[s$event]]; start <- if (is.null(s$entry)) rep(-1, nrow(d)) else d[[s$entry]]
  o <- e <- numeric(k); v <- matrix(0, k, k)
  for (one in unique(strata)) {
    here <- strata == one
    times <- sort(unique(t[here & event == 1])); if (!length(times)) next
    curve <- survfit(Surv(start[here], t[here], event[here]) ~ 1)
    at <- function(x) stepfun(curve$time, c(1, curve$surv))(x)
    left <- c(1, at(times)[-length(times)])
    product <- 1
    for (j in seq_along(times)) {
      risk <- tabulate(g[here & t >= times[j] & start < times[j]], k)
      died <- tabulate(g[here & t == times[j] & event == 1], k)
      n <- sum(risk); m <- sum(died); product <- product * (1 - m / (n + 1))
      w <- weight(n, m, left[j], at, product)
      o <- o + w * died; e <- e + w * m * risk / n
      if (n > 1) v <- v + w^2 * m * (n - m) / (n - 1) * (diag(risk / n, k) - outer(risk, risk) / n^2)
    }
  }
  if (!is.null(scores)) return(list(u = sum(scores * (o - e)), v = as.vector(scores %*% v %*% scores)))
  keep <- which(e > 0)[-1]; u <- (o - e)[keep]
  tested(o, e, v, as.vector(u %*% solve(v[keep, keep, drop = FALSE], u)), length(keep))
}
weights <- list(
  list(list(weight = "gehan"), function(n, d, left, at, product) n),
  list(list(weight = "tarone-ware"), function(n, d, left, at, product) sqrt(n)),
  list(list(weight = "peto-prentice"), function(n, d, left, at, product) product),
  list(list(weight = "modified-peto-prentice"), function(n, d, left, at, product) product * n / (n + 1)),
  list(list(weight = "fleming-harrington", rho = 0, gamma = 1), function(n, d, left, at, product) 1 - left),
  list(list(weight = "fleming-harrington", rho = 1, gamma = 1), function(n, d, left, at, product) left * (1 - left)),
  list(list(weight = "fleming-harrington", rho = .5, gamma = 2), function(n, d, left, at, product) sqrt(left) * (1 - left)^2),
  list(list(weight = "modestly-weighted", smallest_survival = .5), function(n, d, left, at, product) 1 / max(left, .5)),
  list(list(weight = "modestly-weighted", until = 200), function(n, d, left, at, product) 1 / max(left, at(200)))
)
late <- list(
  list(data = "late", d = d_late, time = "stop", event = "event", entry = "start", group = "transplant", groups = c(0, 1)),
  list(data = "entry", d = d_entry, time = "stop", event = "event", entry = "start", group = "group", groups = c("a", "b", "c"), strata = "site")
)
named <- function(w) paste(unlist(w), collapse = " ")
for (i in seq_along(weights)) for (j in c(1, 4, 6, 9, 12, 13, 17, 18)) {
  if ((i + j) %% 2 == 0 && i > 4) next  # half of the pairs of the later weights
  s <- sets[[j]]; w <- weights[[i]]
  add(paste0(named(w[[1]]), ", ", label(s)), "weighted_log_rank", "loop", by_hand(s, w[[2]]), c(arguments(s), w[[1]]), s$data)
}
for (s in late) for (i in c(1, 4, 6)) add(paste0(named(weights[[i]][[1]]), ", late entry, ", label(s)), "weighted_log_rank", "loop",
  by_hand(s, weights[[i]][[2]]), c(arguments(s), weights[[i]][[1]]), s$data)
for (s in late) {
  f <- coxph(Surv(s$d[[s$entry]], s$d[[s$time]], s$d[[s$event]]) ~ factor(s$d[[s$group]], levels = s$groups) +
             strata(if (is.null(s$strata)) rep(1, nrow(s$d)) else s$d[[s$strata]]), ties = "exact")
  add(paste("late entry,", label(s)), "log_rank", "r", list(chi_square = f$score, df = length(s$groups) - 1), arguments(s), s$data)
}

# Trend: (c'U)^2 / c'Vc from survdiff and from the loop.
for (j in c(5, 6, 12, 18)) {
  s <- sets[[j]]; k <- length(s$groups)
  for (i in 0:2) {
    scores <- if (i == 1) (1:k)^2 else 1:k
    w <- if (i == 2) weights[[2]] else list(list(), function(...) 1)
    f <- by_hand(s, w[[2]], scores); z <- -f$u / sqrt(f$v)
    if (i < 2 && is.null(s$strata)) {
      g <- factor(s$d[[s$group]], levels = s$groups)
      h <- survdiff(Surv(s$d[[s$time]], s$d[[s$event]]) ~ g)
      z <- -sum(scores * (h$obs - h$exp)) / sqrt(as.vector(scores %*% h$var %*% scores))
    }
    add(paste0("trend, ", label(s), ", scores ", paste(scores, collapse = " "), " ", named(w[[1]])), "trend_test", if (i < 2 && is.null(s$strata)) "r" else "loop",
        list(z = z, chi_square = z^2, df = 1, p_value_one_sided = pnorm(z, lower.tail = FALSE), p_value_two_sided = 2 * pnorm(-abs(z))),
        c(arguments(s), if (i == 1) list(scores = I(scores)), w[[1]]), s$data)
  }
}

# One sample: survdiff with an offset, limits by poisson.test.
expected_survival <- exp(-lung$time / 400)
one <- survdiff(Surv(time, status) ~ offset(expected_survival), data = lung)
p <- poisson.test(one$obs, one$exp)$conf.int
data$one_sample <- list(event = I(lung$status - 1), hazard = I(lung$time / 400))
add("one sample, lung against an exponential curve", "one_sample_log_rank", "r",
    list(observed = one$obs, expected = one$exp, chi_square = one$chisq, p_value_two_sided = pchisq(one$chisq, 1, lower.tail = FALSE),
         ratio = one$obs / one$exp, lower = p[1], upper = p[2]),
    list(event = "event", cumulative_hazard = "hazard"), "one_sample")
older <- aml$x == "Maintained"; hazard <- aml$time[older] / 30
one <- survdiff(Surv(time, status) ~ offset(exp(-hazard)), data = aml[older, ])
p <- poisson.test(one$obs, one$exp, conf.level = .9)$conf.int
data$one_small <- list(event = I(aml$status[older]), hazard = I(hazard))
add("one sample, aml maintained against an exponential curve", "one_sample_log_rank", "r",
    list(observed = one$obs, expected = one$exp, chi_square = one$chisq, lower = p[1], upper = p[2]),
    list(event = "event", cumulative_hazard = "hazard", confidence_level = .9), "one_small")

# Exact P values; mid-ranks is coin's default for tied times.
exact_sets <- list(list(data = "aml", d = aml, time = "time", event = "status", group = "x", groups = c("Nonmaintained", "Maintained")),
                   list(data = "ovarian", d = ovarian, time = "futime", event = "fustat", group = "rx", groups = c(1, 2)))
for (s in exact_sets) {
  g <- factor(s$d[[s$group]], levels = s$groups)
  exactly <- function(side) as.vector(pvalue(logrank_test(Surv(s$d[[s$time]], s$d[[s$event]]) ~ g, distribution = "exact", alternative = side)))
  two <- exactly("two.sided"); one <- c(exactly("less"), exactly("greater"))
  add(paste("exact,", label(s)), "exact_log_rank", "coin",
      list(p_value_two_sided = two, p_value_one_sided = min(one)), arguments(s), s$data)  # the experimental group did better in both
}

# Boxes of the normal distribution.  TVPACK is exact to 1e-14 for d = 3; Miwa is a fine grid.
correlations <- list(
  matrix(c(1, .5, .3, .5, 1, .6, .3, .6, 1), 3), matrix(c(1, -.4, .2, -.4, 1, .1, .2, .1, 1), 3),
  matrix(c(1, .95, .9, .95, 1, .97, .9, .97, 1), 3), outer(1:3, 1:3, function(i, j) sqrt(pmin(i, j) / pmax(i, j))))
limits <- list(c(0, 0, 0), c(1, .5, 2), c(-1, .3, 1.5), c(3, 3.2, 2.9))
for (i in seq_along(correlations)) for (j in seq_along(limits)) {
  p <- pmvnorm(upper = limits[[j]], corr = correlations[[i]], algorithm = TVPACK(1e-15))
  add(paste("three normal variables", i, j), "multivariate_normal_cdf", "mvtnorm", setNames(list(as.vector(p)), ""),
      list(upper = I(limits[[j]]), correlation = correlations[[i]]))
}
for (d in 2:5) {
  r <- outer(1:d, 1:d, function(i, j) sqrt(pmin(i, j) / pmax(i, j)))  # looks of a group-sequential design
  u <- seq(2.6, 2.0, length.out = d)
  p <- pmvnorm(upper = u, corr = r, algorithm = Miwa(steps = 4096))
  add(paste("looks of a sequential design, one-sided", d), "multivariate_normal_cdf", "mvtnorm", setNames(list(as.vector(p)), ""),
      list(upper = I(u), correlation = r))
  p <- pmvnorm(lower = -u, upper = u, corr = r, algorithm = Miwa(steps = 4096))
  add(paste("looks of a sequential design, two-sided", d), "multivariate_normal_cdf", "mvtnorm", setNames(list(as.vector(p)), ""),
      list(upper = I(u), lower = I(-u), correlation = r))
}

# MaxCombo of three tests (of full rank): z from the loop, P from TVPACK.
combo <- function(s, pairs) {
  parts <- lapply(pairs, function(p) by_hand(s, function(n, d, left, at, product) left^p[1] * (1 - left)^p[2]))
  # The covariance of two weighted scores is what the variance of their sum leaves.
  own <- sapply(parts, function(x) x$variance[2, 2])
  m <- length(pairs); r <- diag(m)
  for (i in seq_len(m)) for (j in seq_len(m)) if (i < j) {
    both <- by_hand(s, function(n, d, left, at, product) left^pairs[[i]][1] * (1 - left)^pairs[[i]][2] + left^pairs[[j]][1] * (1 - left)^pairs[[j]][2])
    r[i, j] <- r[j, i] <- (both$variance[2, 2] - own[i] - own[j]) / 2 / sqrt(own[i] * own[j])
  }
  z <- sapply(parts, function(x) x$z); top <- max(z); far <- max(abs(z))
  one <- 1 - as.vector(pmvnorm(upper = rep(top, m), corr = r, algorithm = TVPACK(1e-15)))
  list(z = I(z), correlation = r, z_max = top, p_value_one_sided = one, z_max_absolute = far)
}
for (j in c(1, 2, 3, 4, 7, 8, 9, 15, 17)) for (pairs in list(list(c(0, 0), c(0, 1), c(1, 1)), list(c(0, 0), c(0, .5), c(1, 0)))) {
  s <- sets[[j]]
  add(paste("MaxCombo of three,", label(s), named(pairs)), "max_combo", "combo", combo(s, pairs),
      c(arguments(s), list(exponents = lapply(pairs, function(p) I(p)))), s$data, tolerance = 1e-7,
      reason = "the script takes 1 - P and the covariance by subtraction, which leaves 8 digits")
}

version <- function(p) paste(p, packageVersion(p))
script <- "verification/evidence/tests.R"
sources <- list(
  r = list(kind = "program", name = paste("R 4.2.2,", version("survival")), script = script),
  loop = list(kind = "program", name = paste("R 4.2.2: a loop over tables, curve by", version("survival")), script = script),
  coin = list(kind = "program", name = paste("R 4.2.2,", version("coin")), script = script),
  mvtnorm = list(kind = "program", name = paste("R 4.2.2,", version("mvtnorm")), script = script),
  combo = list(kind = "program", name = paste("R 4.2.2: scores by a loop over tables, P by", version("mvtnorm"), "TVPACK"), script = script))
write_evidence("src/equipoise/validation/evidence/tests_r.json", "tests", sources, data, cases)
cat(length(cases), "cases\n")
