# Tests of tables of counts: Rscript verification/evidence/tables.R
# R's stats; vcd for the likelihood-ratio chi-square; coin for exact and permutation tests of trend and for stratified
# tests with scores.
source("verification/evidence/json.R")
suppressMessages({library(coin); library(vcd)})
cases <- list()
add <- function(...) cases[[length(cases) + 1]] <<- case(...)
no_warning <- suppressWarnings
rows <- function(m) lapply(seq_len(nrow(m)), function(i) I(as.vector(m[i, ])))

two <- list(mrd_reinduction = c(26, 79, 31, 72), late_failure = c(1, 104, 9, 94), tea = c(3, 1, 1, 3), zero_cell = c(0, 12, 5, 9),
            large = c(30211, 19876, 29555, 20358), equal = c(8, 8, 8, 8), lopsided = c(2, 398, 1, 3), near_expected = c(5, 6, 5, 5),
            smoking = c(688, 21, 650, 59))
two <- lapply(two, function(x) matrix(x, 2, byrow = TRUE))
for (name in names(two)) {
  m <- two[[name]]
  plain <- no_warning(chisq.test(m, correct = FALSE)); yates <- no_warning(chisq.test(m))
  add(paste("2x2", name, "Pearson"), "pearson_chi_square", "r", list(chi_square = plain$statistic, df = 1, p_value_two_sided = plain$p.value, expected = plain$expected), list(response = rows(m)), requirements = c(151, 161))
  add(paste("2x2", name, "Yates"), "pearson_chi_square", "r", list(chi_square = yates$statistic, p_value_two_sided = yates$p.value), list(response = rows(m), correction = "yates"))
  g <- assocstats(m)$chisq_tests
  add(paste("2x2", name, "likelihood ratio"), "likelihood_ratio_chi_square", "vcd", list(chi_square = g["Likelihood Ratio", "X^2"], df = 1, p_value_two_sided = g["Likelihood Ratio", "P(> X^2)"]), list(response = rows(m)),
      tolerance = 1e-7, reason = "the peer takes its P value as one less the rest, and sums a difference")
  add(paste("2x2", name, "Fisher"), "fisher_exact", "r", list(p_value_two_sided = fisher.test(m)$p.value, p_value_less = fisher.test(m, alternative = "less")$p.value, p_value_greater = fisher.test(m, alternative = "greater")$p.value), list(response = rows(m)),
      requirements = c(151, 161), tolerance = if (sum(m) > 1e4) 1e-7, reason = if (sum(m) > 1e4) "the peer takes logarithms of large factorials; a case of this size by whole numbers is among the closed forms")
}
wide <- list(job = c(1, 2, 1, 0, 3, 3, 6, 1, 10, 10, 14, 9, 6, 7, 12, 11), ages = c(2, 19, 11, 22, 7, 7), sparse = c(4, 0, 0, 1, 0, 3, 1, 0, 2, 1, 0, 2), three = c(9, 2, 4, 7, 5, 8))
shape <- list(job = 4, ages = 3, sparse = 3, three = 2)
for (name in names(wide)) {
  m <- matrix(wide[[name]], shape[[name]], byrow = TRUE)
  plain <- no_warning(chisq.test(m))
  add(paste("r x c", name, "Pearson"), "pearson_chi_square", "r", list(chi_square = plain$statistic, df = plain$parameter, p_value_two_sided = plain$p.value), list(response = rows(m)))
  add(paste("r x c", name, "Fisher-Freeman-Halton"), "fisher_exact", "r", list(p_value_two_sided = fisher.test(m, workspace = 2e7)$p.value), list(response = rows(m)),
      tolerance = 1e-7, reason = "the peer joins partial tables whose logarithms are near")
  add(paste("r x c", name, "Pearson, transposed"), "pearson_chi_square", "r", list(chi_square = plain$statistic), list(response = rows(t(m))))
}
# Subjects of a trial.
deaths <- read.csv("src/equipoise/validation/data/colon_death.csv")
m <- table(deaths$rx, deaths$status); plain <- chisq.test(m); 
add("colon, death by arm, Pearson", "pearson_chi_square", "r", list(chi_square = plain$statistic, df = 2, p_value_two_sided = plain$p.value, counts = unclass(as.matrix(m)) + 0), list(response = "status", group = "rx", groups = I(rownames(m))), data = "colon_death")
trial <- deaths[deaths$rx != "Lev", ]
f <- fisher.test(table(trial$rx, trial$status))
add("colon, death, Lev+5FU against Obs, Fisher", "fisher_exact", "r", list(p_value_two_sided = f$p.value), list(response = "status", group = "rx", groups = I(c("Obs", "Lev+5FU"))), data = "colon_two")
add("colon, death by extent, Pearson", "pearson_chi_square", "r", {p <- no_warning(chisq.test(table(deaths$extent, deaths$status))); list(chi_square = p$statistic, df = p$parameter, p_value_two_sided = p$p.value, n_expected_below_5 = sum(p$expected < 5))}, list(response = "status", group = "extent"), data = "colon_death")

# Stratified.
strata <- list(
  centers = c(11, 25, 10, 27, 16, 4, 22, 10, 14, 5, 7, 12, 2, 14, 1, 16, 6, 11, 0, 12, 1, 10, 0, 10, 1, 4, 1, 8, 4, 2, 6, 1),
  penicillin = c(0, 6, 0, 5, 3, 3, 0, 6, 6, 0, 2, 4, 5, 1, 6, 0, 2, 0, 5, 0),
  pairs = c(1, 0, 0, 1, 0, 1, 1, 0, 1, 0, 0, 1, 1, 0, 0, 1),
  ucb = as.vector(aperm(UCBAdmissions, c(2, 1, 3))))
for (name in names(strata)) {
  a <- aperm(array(strata[[name]], c(2, 2, length(strata[[name]]) / 4)), c(2, 1, 3))
  given <- lapply(seq_len(dim(a)[3]), function(k) rows(a[, , k]))
  plain <- mantelhaen.test(a, correct = FALSE); corrected <- mantelhaen.test(a)
  add(paste("strata", name, "CMH"), "cochran_mantel_haenszel", "r", list(chi_square = plain$statistic, df = 1, p_value_two_sided = plain$p.value,
      p_value_greater = mantelhaen.test(a, correct = FALSE, alternative = "greater")$p.value, p_value_less = mantelhaen.test(a, correct = FALSE, alternative = "less")$p.value), list(response = given))
  add(paste("strata", name, "CMH, corrected"), "cochran_mantel_haenszel", "r", list(chi_square = corrected$statistic, p_value_two_sided = corrected$p.value), list(response = given, correction = TRUE))
  add(paste("strata", name, "Mantel-Haenszel odds ratio"), "mantel_haenszel_odds_ratio", "r", list(odds_ratio = plain$estimate, lower = plain$conf.int[1], upper = plain$conf.int[2]), list(response = given))
  if (name != "ucb") {
    exact <- mantelhaen.test(a, exact = TRUE)
    add(paste("strata", name, "exact conditional P values"), "exact_conditional", "r", list(p_value_two_sided = exact$p.value, p_value_less = mantelhaen.test(a, exact = TRUE, alternative = "less")$p.value, p_value_greater = mantelhaen.test(a, exact = TRUE, alternative = "greater")$p.value), list(response = given))
    add(paste("strata", name, "exact conditional estimate"), "exact_conditional", "r", list(odds_ratio = exact$estimate, lower = exact$conf.int[1], upper = exact$conf.int[2]), list(response = given), tolerance = 5e-2,
        reason = "the peer's root finder stops early: its far limit is off by up to 1e-2 and more; the same limits to 1e-9 are among the closed forms")
  }
}
m <- mantelhaen.test(UCBAdmissions)  # six departments of two by two: the same by another route
three <- array(c(1, 2, 0, 0, 3, 3, 1, 2, 11, 17, 8, 4, 2, 3, 5, 2, 1, 0, 0, 0, 1, 3, 0, 1, 2, 5, 7, 9, 1, 1, 3, 6), c(4, 4, 2))  # job satisfaction by income, women and men (Agresti 2002, Table 2.8)
given <- lapply(1:2, function(k) rows(three[, , k]))
g <- mantelhaen.test(three)
add("strata, job satisfaction, general association", "cochran_mantel_haenszel", "r", list(chi_square = g$statistic, df = g$parameter, p_value_two_sided = g$p.value), list(response = given))
three_levels <- as.table(three); dimnames(three_levels) <- list(income = 1:4, job = 1:4, gender = 1:2)
long <- as.data.frame(three_levels); long <- long[rep(seq_len(nrow(long)), long$Freq), ]
lbl <- lbl_test(ordered(job) ~ ordered(income) | gender, data = long)
add("strata, job satisfaction, correlation", "cochran_mantel_haenszel", "coin", list(chi_square = statistic(lbl)^2, df = 1, p_value_two_sided = pvalue(lbl)), list(response = given, association = "correlation"))
ms <- independence_test(as.numeric(job) ~ income | gender, data = long, teststat = "quadratic")
add("strata, job satisfaction, mean scores", "cochran_mantel_haenszel", "coin", list(chi_square = statistic(ms), df = 3, p_value_two_sided = pvalue(ms)), list(response = given, association = "mean scores"))
scored <- independence_test(c(1, 3, 4, 9)[as.numeric(job)] ~ c(3, 10, 20, 35)[as.numeric(income)] | gender, data = long, teststat = "quadratic")
add("strata, job satisfaction, correlation with scores", "cochran_mantel_haenszel", "coin", list(chi_square = statistic(scored), p_value_two_sided = pvalue(scored)), list(response = given, association = "correlation", row_scores = c(3, 10, 20, 35), column_scores = c(1, 3, 4, 9)))
by_sex <- table(deaths$rx, deaths$status, deaths$sex, deaths$obstruct)
a <- array(by_sex, c(3, 2, 4)); g <- mantelhaen.test(a)
add("colon, death by arm within sex and obstruction", "cochran_mantel_haenszel", "r", list(chi_square = g$statistic, df = 2, p_value_two_sided = g$p.value), list(response = "status", group = "rx", strata = I(c("sex", "obstruct"))), data = "colon_death")

# Trend.
trends <- list(armitage = list(x = c(9, 7, 4), n = c(10, 10, 10), s = 1:3), doses = list(x = c(0, 2, 5, 9, 11), n = c(20, 18, 21, 19, 20), s = c(0, 1, 2, 5, 10)), smokers = list(x = c(83, 90, 129, 70), n = c(86, 93, 136, 82), s = 1:4))
for (name in names(trends)) {
  one <- trends[[name]]
  counts <- rows(cbind(one$n - one$x, one$x)); w <- prop.trend.test(one$x, one$n, one$s)
  add(paste("trend", name), "cochran_armitage", "r", list(chi_square = w$statistic, p_value_two_sided = w$p.value), list(response = counts, scores = I(one$s)), tolerance = 1e-7, reason = "the peer gets it from a weighted regression")
  d <- data.frame(y = factor(unlist(mapply(function(x, n) rep(1:0, c(x, n - x)), one$x, one$n, SIMPLIFY = FALSE))), s = rep(one$s, one$n))
  p <- independence_test(s ~ y, data = d)
  add(paste("trend", name, "divisor n - 1"), "cochran_armitage", "coin", list(chi_square = statistic(p)^2, p_value_two_sided = pvalue(p)), list(response = counts, scores = I(one$s), divisor = "n-1"))
  e <- independence_test(s ~ y, data = d, distribution = exact())
  # y = 0 comes first: coin's statistic is of subjects without the event.
  add(paste("trend", name, "exact"), "cochran_armitage", "coin", list(p_value_two_sided = pvalue(e), p_value_greater = pvalue(independence_test(s ~ y, data = d, distribution = exact(), alternative = "less")),
      p_value_less = pvalue(independence_test(s ~ y, data = d, distribution = exact(), alternative = "greater"))), list(response = counts, scores = I(one$s), exact = TRUE))
}

# Pairs.
pairs <- list(approval = c(794, 86, 150, 570), few = c(10, 1, 6, 12), same = c(5, 4, 4, 5))
for (name in names(pairs)) {
  m <- matrix(pairs[[name]], 2, byrow = TRUE)
  add(paste("pairs", name, "McNemar"), "mcnemar", "r", {w <- mcnemar.test(m, correct = FALSE); list(chi_square = w$statistic, df = 1, p_value_two_sided = w$p.value)}, list(first = rows(m)))
  add(paste("pairs", name, "McNemar, corrected"), "mcnemar", "r", {w <- mcnemar.test(m); list(chi_square = w$statistic, p_value_two_sided = w$p.value)}, list(first = rows(m), method = "corrected"))
  b <- binom.test(m[1, 2], m[1, 2] + m[2, 1])
  add(paste("pairs", name, "McNemar, exact"), "mcnemar", "r", list(p_value_two_sided = b$p.value, p_value_greater = binom.test(m[1, 2], m[1, 2] + m[2, 1], alternative = "greater")$p.value, p_value_less = binom.test(m[1, 2], m[1, 2] + m[2, 1], alternative = "less")$p.value), list(first = rows(m), method = "exact"))
}
m <- matrix(c(11, 6, 16, 4, 8, 7, 3, 2, 15), 3, byrow = TRUE); w <- mcnemar.test(m)
add("pairs of three levels, Bowker", "mcnemar", "r", list(chi_square = w$statistic, df = 3, p_value_two_sided = w$p.value), list(first = rows(m)))

sources <- list(
  r = list(kind = "program", name = paste0("R ", getRversion(), ", stats"), script = "verification/evidence/tables.R"),
  vcd = list(kind = "program", name = paste0("R ", getRversion(), ", vcd ", packageVersion("vcd")), script = "verification/evidence/tables.R"),
  coin = list(kind = "program", name = paste0("R ", getRversion(), ", coin ", packageVersion("coin")), script = "verification/evidence/tables.R"))
write_evidence("src/equipoise/validation/evidence/tables_r.json", "tables", sources, list(colon_death = "colon_death.csv", colon_two = list(status = trial$status, rx = trial$rx)), cases)
cat(length(cases), "cases\n")
