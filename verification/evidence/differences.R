# Risk differences, ratios and odds ratios of two groups, also over strata: Rscript verification/evidence/differences.R
source("verification/evidence/json.R")
suppressMessages({library(Epi); library(metafor); library(rpact)})
options(warn = -1)
folder <- "src/equipoise/validation/evidence"
four <- function(t) list(events_experimental = t[1], n_experimental = t[2], events_control = t[3], n_control = t[4])
label <- function(t, ...) paste0(t[1], "/", t[2], " vs ", t[3], "/", t[4], ", ", ...)
tables <- list(c(56, 70, 48, 80), c(26, 105, 31, 103), c(79, 105, 33, 103), c(69, 105, 33, 103), c(74, 105, 44, 103),
               c(51, 54, 39, 57), c(5, 54, 10, 57), c(5, 56, 0, 29), c(36, 40, 16, 80))

sources <- list(
  stats = list(kind = "program", name = paste("R", getRversion(), "stats"), script = "verification/evidence/differences.R"),
  epi = list(kind = "program", name = paste("R package Epi", packageVersion("Epi")), script = "verification/evidence/differences.R"),
  metafor = list(kind = "program", name = paste("R package metafor", packageVersion("metafor")), script = "verification/evidence/differences.R"),
  rpact = list(kind = "program", name = paste("R package rpact", packageVersion("rpact")), script = "verification/evidence/differences.R"),
  tern = list(kind = "printed", citation = "R package tern, tests/testthat/test-prop_diff.R and its snapshots: values that its authors checked against SAS; data by set.seed as there"),
  sas = list(kind = "printed", citation = "R package tern, tests/testthat/test-prop_diff.R, values marked 'according to SAS' or externally validated"))

cases <- list()
add <- function(...) cases[[length(cases) + 1]] <<- case(...)

for (t in tables) {
  d <- t[1] / t[2] - t[3] / t[4]
  for (correct in c(FALSE, TRUE)) {
    p <- prop.test(t[c(1, 3)], t[c(2, 4)], correct = correct)
    # R takes min(1/2, |difference| / sum(1/n)) and cuts at -1 and 1; the same where neither matters.
    if (abs(d) >= (1 / t[2] + 1 / t[4]) / 2 && all(abs(p$conf.int) < 1))
      add(label(t, "prop.test, correct = ", correct), "risk_difference", "stats", list(risk_difference = d, lower = p$conf.int[1], upper = p$conf.int[2]),
          c(four(t), method = if (correct) "wald_cc" else "wald"), requirements = 152)
  }
  s <- prop.test(t[c(1, 3)], t[c(2, 4)], correct = FALSE)
  add(label(t, "score test is Pearson's"), "risk_difference_test", "stats",
      list(z = sign(d) * sqrt(unname(s$statistic)), p_value_two_sided = s$p.value), four(t), requirements = 152)
  for (method in c("newcombe", "agresti-caffo")) {
    p <- ci.pd(t[1], t[3], t[2] - t[1], t[4] - t[3], method = if (method == "newcombe") "Nc" else "AC", print = FALSE)
    add(label(t, method, ", ci.pd"), "risk_difference", "epi", list(lower = unname(p[1, "2.5%"] ), upper = unname(p[1, "97.5%"])),
        c(four(t), method = method), requirements = 152)
  }
  e <- summary(escalc("RD", ai = t[1], n1i = t[2], ci = t[3], n2i = t[4], add = 0))
  add(label(t, "escalc RD"), "risk_difference", "metafor", list(risk_difference = e$yi[1], std_err = e$sei, lower = e$ci.lb, upper = e$ci.ub),
      c(four(t), method = "wald"), requirements = 152)
}

# Number needed to treat: one over prop.test's difference and limits.
for (t in tables) {
  p <- prop.test(t[c(1, 3)], t[c(2, 4)], correct = FALSE)
  d <- unname(p$estimate[1] - p$estimate[2])
  limits <- 1 / p$conf.int
  if (prod(p$conf.int) > 0) limits <- rev(limits)
  add(label(t, "1 / prop.test"), "number_needed_to_treat", "stats", list(number_needed = 1 / d, lower = limits[1], upper = limits[2]), c(four(t), method = "wald"), requirements = 152)
}

# Farrington-Manning with a margin, as a stage of a design of one stage.
design <- getDesignGroupSequential(kMax = 1, alpha = 0.025)
for (t in tables[1:7]) for (margin in c(-0.1, 0.05)) {
  x <- getStageResults(design, dataInput = getDataset(n1 = t[2], n2 = t[4], events1 = t[1], events2 = t[3]), thetaH0 = margin,
                       normalApproximation = TRUE, directionUpper = TRUE)
  add(label(t, "Farrington-Manning, margin ", margin), "risk_difference_test", "rpact",
      # rpact computes the upper tail as one minus the rest, which keeps no digits in far tails.
      c(list(z = x$testStatistics[1]), if (x$pValues[1] > 1e-6) list(p_value_one_sided = x$pValues[1])), c(four(t), margin = margin), requirements = 152)
}

# Strata
strata <- list(
  three = rbind(c(12, 30, 8, 30), c(15, 35, 10, 35), c(9, 23, 6, 27)),
  sparse = rbind(c(1, 8, 0, 13), c(42, 50, 3, 70), c(1, 95, 2, 13)),
  rare = rbind(c(21, 464, 26, 453), c(11, 165, 25, 174), c(8, 69, 11, 70)),
  many = rbind(c(4, 16, 5, 79), c(2, 16, 3, 87), c(4, 18, 10, 90), c(1, 15, 3, 82)))
counts <- function(m) list(events_experimental = I(m[, 1]), n_experimental = I(m[, 2]), events_control = I(m[, 3]), n_control = I(m[, 4]))
for (name in names(strata)) for (level in c(95, 90)) {
  m <- strata[[name]]
  r <- rma.mh(measure = "RD", ai = m[, 1], n1i = m[, 2], ci = m[, 3], n2i = m[, 4], level = level)
  add(paste0(name, ", rma.mh RD, ", level), "stratified_risk_difference", "metafor",
      list(risk_difference = unname(as.vector(r$beta)), std_err = r$se, lower = r$ci.lb, upper = r$ci.ub, z = unname(r$zval), p_value_two_sided = unname(r$pval)),
      c(counts(m), method = "sato", confidence_level = level / 100), requirements = 152)
  r <- rma.mh(measure = "RR", ai = m[, 1], n1i = m[, 2], ci = m[, 3], n2i = m[, 4], level = level)
  add(paste0(name, ", rma.mh RR, ", level), "stratified_risk_ratio", "metafor",
      list(risk_ratio = exp(as.vector(r$beta)), std_err = r$se, lower = exp(r$ci.lb), upper = exp(r$ci.ub), z = unname(r$zval)),
      c(counts(m), confidence_level = level / 100), requirements = 153)
  if (all(m[, c(1, 3)] > 0)) {
    for (measure in c("RD", "RR")) {
      r <- rma.uni(measure = measure, ai = m[, 1], n1i = m[, 2], ci = m[, 3], n2i = m[, 4], method = "FE", level = level)
      f <- if (measure == "RR") exp else identity
      values <- list(as.vector(f(r$beta)), std_err = r$se, lower = f(r$ci.lb), upper = f(r$ci.ub), homogeneity_chi_square = r$QE, homogeneity_p_value = r$QEp)
      names(values)[1] <- if (measure == "RR") "risk_ratio" else "risk_difference"
      add(paste0(name, ", rma.uni ", measure, ", ", level), if (measure == "RR") "stratified_risk_ratio" else "stratified_risk_difference", "metafor",
          values, c(counts(m), method = "inverse-variance", confidence_level = level / 100), requirements = 152)
    }
  }
  if (level == 95) {
    a <- array(t(cbind(m[, 1], m[, 2] - m[, 1], m[, 3], m[, 4] - m[, 3])), c(2, 2, nrow(m)))
    cmh <- mantelhaen.test(a, correct = FALSE)
    up <- sum(m[, 1] * m[, 4] / (m[, 2] + m[, 4]) - m[, 3] * m[, 2] / (m[, 2] + m[, 4]))
    for (method in c("miettinen-nurminen", "miettinen-nurminen-iterated"))
      add(paste0(name, ", mantelhaen.test is the score test of ", method), "stratified_risk_difference", "stats",
          list(z = sign(up) * sqrt(unname(cmh$statistic)), p_value_two_sided = cmh$p.value), c(counts(m), method = method), requirements = 152)
  }
}

# Real data, one row a subject: 0 and 1, groups as (control, experimental).
data_folder <- "src/equipoise/validation/data"
real <- list(
  list(name = "lung", response = "status", group = "sex", groups = c(1, 2), strata = NULL),
  list(name = "veteran", response = "status", group = "trt", groups = c(1, 2), strata = "celltype"),
  list(name = "ovarian", response = "fustat", group = "rx", groups = c(1, 2), strata = "resid.ds"),
  list(name = "colon_death", response = "status", group = "sex", groups = c(0, 1), strata = "rx"),
  list(name = "kidney", response = "status", group = "sex", groups = c(1, 2), strata = "disease"))
names_of_data <- setNames(lapply(real, function(r) paste0(r$name, ".csv")), vapply(real, function(r) r$name, ""))
for (r in real) {
  x <- read.csv(file.path(data_folder, paste0(r$name, ".csv")))
  count <- function(rows) c(sum(x[[r$response]][rows & x[[r$group]] == r$groups[2]]), sum(rows & x[[r$group]] == r$groups[2]),
                            sum(x[[r$response]][rows & x[[r$group]] == r$groups[1]]), sum(rows & x[[r$group]] == r$groups[1]))
  t <- count(TRUE)
  arguments <- list(response = r$response, group = r$group, groups = r$groups)
  p <- prop.test(t[c(1, 3)], t[c(2, 4)], correct = FALSE)
  add(paste(r$name, "by subject, prop.test"), "risk_difference", "stats", list(risk_difference = unname(p$estimate[1] - p$estimate[2]), lower = p$conf.int[1], upper = p$conf.int[2]),
      c(arguments, method = "wald"), data = r$name, requirements = 152)
  e <- summary(escalc("RR", ai = t[1], n1i = t[2], ci = t[3], n2i = t[4]))
  add(paste(r$name, "by subject, escalc RR"), "risk_ratio", "metafor", list(risk_ratio = exp(e$yi[1]), lower = exp(e$ci.lb), upper = exp(e$ci.ub)),
      c(arguments, method = "log"), data = r$name, requirements = 153)
  e <- summary(escalc("OR", ai = t[1], n1i = t[2], ci = t[3], n2i = t[4]))
  add(paste(r$name, "by subject, escalc OR"), "odds_ratio", "metafor", list(odds_ratio = exp(e$yi[1]), lower = exp(e$ci.lb), upper = exp(e$ci.ub)),
      c(arguments, method = "woolf"), data = r$name, requirements = 153)
  if (!is.null(r$strata)) {
    m <- t(sapply(sort(unique(x[[r$strata]])), function(s) count(x[[r$strata]] == s)))
    h <- rma.mh(measure = "RD", ai = m[, 1], n1i = m[, 2], ci = m[, 3], n2i = m[, 4])
    add(paste(r$name, "by subject, rma.mh RD"), "stratified_risk_difference", "metafor", list(risk_difference = unname(as.vector(h$beta)), std_err = h$se, lower = h$ci.lb, upper = h$ci.ub),
        c(arguments, strata = r$strata, method = "sato"), data = r$name, requirements = 152)
    h <- rma.mh(measure = "RR", ai = m[, 1], n1i = m[, 2], ci = m[, 3], n2i = m[, 4])
    add(paste(r$name, "by subject, rma.mh RR"), "stratified_risk_ratio", "metafor", list(risk_ratio = exp(as.vector(h$beta)), std_err = h$se, lower = exp(h$ci.lb), upper = exp(h$ci.ub)),
        c(arguments, strata = r$strata), data = r$name, requirements = 153)
    a <- array(t(cbind(m[, 1], m[, 2] - m[, 1], m[, 3], m[, 4] - m[, 3])), c(2, 2, nrow(m)))
    cmh <- mantelhaen.test(a, correct = FALSE)
    add(paste(r$name, "by subject, mantelhaen.test"), "stratified_risk_difference", "stats", list(p_value_two_sided = cmh$p.value),
        c(arguments, strata = r$strata), data = r$name, requirements = 152)
  }
}

# The data of tern's tests. They draw in this order; the first level is the reference.
tabulated <- function(rsp, grp, strata, reference, keep = TRUE) {
  k <- levels(strata)
  m <- t(sapply(k, function(s) c(sum(rsp[grp != reference & strata == s]), sum(grp != reference & strata == s),
                                 sum(rsp[grp == reference & strata == s]), sum(grp == reference & strata == s))))
  m
}
printed <- function(id, m, method, level, values, digits, source = "tern") for (name in names(values)) {
  v <- values[[name]]
  add(paste(id, name), "stratified_risk_difference", source, setNames(list(v), name), c(counts(m), method = method, confidence_level = level),
      requirements = 152, tolerance = 0.51 * 10^-digits / abs(v), reason = paste(digits, "digits are printed"))
}
set.seed(2, kind = "Mersenne-Twister")
rsp <- sample(c(TRUE, FALSE), 100, TRUE); grp <- sample(c("Placebo", "Treatment"), 100, TRUE)
f <- data.frame(f1 = sample(c("a", "b"), 100, TRUE), f2 = sample(c("x", "y", "z"), 100, TRUE), stringsAsFactors = TRUE)
m <- tabulated(rsp, grp, interaction(f), "Placebo")
printed("prop_diff_cmh, 90%", m, "greenland-robins", 0.9, list(risk_difference = -0.1376866, lower = -0.285363076, upper = 0.009989872), 7)
grp[f$f1 == "a" & f$f2 == "x"] <- "Placebo"
m <- tabulated(rsp, grp, interaction(f), "Placebo")
printed("prop_diff_cmh, a stratum without treated, 90%", m, "greenland-robins", 0.9, list(risk_difference = -0.171767, lower = -0.32786094, upper = -0.01567301), 6)
set.seed(1)
rsp <- c(sample(c(TRUE, FALSE), size = 40, prob = c(3 / 4, 1 / 4), replace = TRUE), sample(c(TRUE, FALSE), size = 40, prob = c(1 / 2, 1 / 2), replace = TRUE))
grp <- rep(c("A", "B"), each = 40)
f <- data.frame(f1 = sample(c("a", "b"), 80, TRUE), f2 = sample(c("x", "y", "z"), 80, TRUE), stringsAsFactors = TRUE)
m <- tabulated(rsp, grp, interaction(f), "B")
printed("prop_diff_strat_nc, cmh", m, "newcombe", 0.95, list(risk_difference = 0.25390590, lower = 0.03467969, upper = 0.44544132), 8, "sas")
for (v in list(list(risk_difference = 0.2587), list(lower = 0.0391), list(upper = 0.4501)))
  add(paste("prop_diff_strat_nc, wilson_h", names(v)), "stratified_risk_difference", "tern", v, c(counts(m), method = "newcombe-wilson"), requirements = 152,
      tolerance = 2e-3, reason = "tern ends the iteration of the weights at a change of 1e-3 and asserts to 1e-3")
sato <- function(id, m, v) add(id, "stratified_risk_difference", "tern", list(std_err = sqrt(v)), c(counts(m), method = "sato"), requirements = 152, tolerance = 1e-12, reason = "15 digits are printed")
sato("h_cmh_sato_var, three strata", strata$three, 0.00484709089617089)
sato("h_cmh_sato_var, sparse strata", rbind(c(1, 8, 0, 13), c(42, 50, 3, 70), c(0, 95, 2, 13)), 0.00301389352651087)
write_evidence(file.path(folder, "differences_r.json"), "differences", sources, names_of_data, cases)

cases <- list()
for (t in tables) {
  m <- matrix(c(t[1], t[2] - t[1], t[3], t[4] - t[3]), 2)
  f <- fisher.test(m)
  if (all(is.finite(c(f$estimate, f$conf.int))))
    add(label(t, "fisher.test"), "odds_ratio", "stats", list(odds_ratio_conditional = unname(f$estimate), lower = f$conf.int[1], upper = f$conf.int[2]),
        four(t), requirements = 153, tolerance = 5e-3, reason = "uniroot of fisher.test stops at 1e-4 of its own scale; other sources hold the value to 1e-8")
  if (min(m) > 0) {
    w <- twoby2(t(m), print = FALSE)$measures
    z <- qnorm(0.975)
    e <- summary(escalc("OR", ai = t[1], n1i = t[2], ci = t[3], n2i = t[4]))
    add(label(t, "escalc OR"), "odds_ratio", "metafor", list(odds_ratio = exp(e$yi[1]), std_err = e$sei, lower = exp(e$ci.lb), upper = exp(e$ci.ub)),
        c(four(t), method = "woolf"), requirements = 153)
    add(label(t, "twoby2"), "odds_ratio", "epi", list(odds_ratio = w[2, 1], lower = w[2, 2], upper = w[2, 3]), c(four(t), method = "woolf"), requirements = 153)
    e <- summary(escalc("RR", ai = t[1], n1i = t[2], ci = t[3], n2i = t[4]))
    add(label(t, "escalc RR"), "risk_ratio", "metafor", list(risk_ratio = exp(e$yi[1]), std_err = e$sei, lower = exp(e$ci.lb), upper = exp(e$ci.ub)),
        c(four(t), method = "log"), requirements = 153)
    add(label(t, "twoby2 relative risk"), "risk_ratio", "epi", list(risk_ratio = w[1, 1], lower = w[1, 2], upper = w[1, 3]), c(four(t), method = "log"), requirements = 153)
  }
  e <- summary(escalc("OR", ai = t[1], n1i = t[2], ci = t[3], n2i = t[4], add = 0.5, to = "all"))
  add(label(t, "escalc OR, 1/2 added"), "odds_ratio", "metafor", list(lower = exp(e$ci.lb), upper = exp(e$ci.ub)), c(four(t), method = "gart"), requirements = 153)
}
write_evidence(file.path(folder, "odds_r.json"), "odds", sources[c("stats", "epi", "metafor")], NULL, cases)
