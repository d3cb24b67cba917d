# Tests of measurements: Rscript verification/evidence/continuous.R
# R's stats; exactRankTests for exact P values with ties; coin for Pratt's zeros and for van Elteren's weights.
source("verification/evidence/json.R")
suppressMessages({library(coin); library(exactRankTests)})
cases <- list()
add <- function(...) cases[[length(cases) + 1]] <<- case(...)
no_warning <- suppressWarnings
from <- "src/equipoise/validation/data/"
veteran <- read.csv(paste0(from, "veteran.csv")); lung <- read.csv(paste0(from, "lung.csv")); melanoma <- read.csv(paste0(from, "melanoma.csv"))
pbc <- read.csv(paste0(from, "pbc.csv")); pbc <- pbc[!is.na(pbc$trt), ]
ovarian <- read.csv(paste0(from, "ovarian.csv"))

# Two groups of real subjects: columns of the shipped files.
set.seed(5)
comparisons <- list(
  list("veteran", veteran, "age", "trt", c(1, 2)), list("veteran", veteran, "karno", "trt", c(1, 2)), list("veteran", veteran, "time", "prior", c(0, 10)),
  list("lung", lung, "age", "sex", c(1, 2)), list("melanoma", melanoma, "thick", "sex", c("Female", "Male")), list("ovarian", ovarian, "age", "rx", c(1, 2)),
  list("pbc_randomized", pbc, "bili", "trt", c(1, 2)), list("pbc_randomized", pbc, "albumin", "sex", c("m", "f")))
for (one in comparisons) {
  d <- one[[2]]; control <- d[d[[one[[4]]]] == one[[5]][1], one[[3]]]; experimental <- d[d[[one[[4]]]] == one[[5]][2], one[[3]]]
  label <- paste0(one[[1]], ", ", one[[3]], " by ", one[[4]])
  given <- list(values = one[[3]], group = one[[4]], groups = I(one[[5]]))
  for (pooled in c(FALSE, TRUE)) {
    t <- t.test(experimental, control, var.equal = pooled, conf.level = 0.9)
    add(paste0(label, if (pooled) ", pooled t" else ", Welch t"), "t_test", "r", list(estimate = mean(experimental) - mean(control), t = t$statistic, df = t$parameter, p_value_two_sided = t$p.value, std_err = t$stderr, lower = t$conf.int[1], upper = t$conf.int[2],
        p_value_less = t.test(experimental, control, var.equal = pooled, alternative = "less")$p.value, p_value_greater = t.test(experimental, control, var.equal = pooled, alternative = "greater")$p.value),
        c(given, list(variances = if (pooled) "pooled" else "welch", confidence_level = 0.9)), data = one[[1]])
  }
  for (correct in c(TRUE, FALSE)) {
    w <- no_warning(wilcox.test(experimental, control, correct = correct, exact = FALSE))
    add(paste0(label, ", rank sum, normal", if (correct) ", corrected"), "rank_sum_test", "r", list(statistic = w$statistic, p_value_two_sided = w$p.value, p_value_less = no_warning(wilcox.test(experimental, control, correct = correct, exact = FALSE, alternative = "less"))$p.value,
        p_value_greater = no_warning(wilcox.test(experimental, control, correct = correct, exact = FALSE, alternative = "greater"))$p.value), c(given, list(method = "normal", correction = correct)), data = one[[1]])
  }
  w <- no_warning(wilcox.test(experimental, control, exact = FALSE, conf.int = TRUE))
  gap <- min(abs(w$conf.int))
  if (gap > 0.1) add(paste0(label, ", limits of the shift"), "rank_sum_test", "r", list(lower = w$conf.int[1], upper = w$conf.int[2]), c(given, list(method = "normal")), data = one[[1]], tolerance = 2e-4 / min(gap, 1),
      reason = "the peer searches the limits with uniroot, to 1e-4; ours are differences of two subjects")
  k <- kruskal.test(d[[one[[3]]]], factor(d[[one[[4]]]]))
  add(paste0(label, ", Kruskal-Wallis of two"), "kruskal_wallis", "r", list(chi_square = k$statistic, df = 1, p_value_two_sided = k$p.value), list(values = one[[3]], group = one[[4]]), data = one[[1]])
}
# Exact, without and with ties.
small <- list(untied = list(a = c(1.1, 2.3, 0.4, 5.6, 3.3, 2.9), b = c(4.4, 6.1, 2.5, 7.7, 9.2)), tied = list(a = c(1, 2, 2, 3, 5, 5, 6), b = c(2, 4, 5, 7, 7, 8)), lopsided = list(a = c(3, 1), b = c(2, 5, 7, 9, 11, 4, 6)))
for (name in names(small)) {
  one <- small[[name]]; d <- list(value = c(one$a, one$b), group = rep(c("c", "e"), c(length(one$a), length(one$b))))
  w <- function(...) wilcox.exact(one$b, one$a, ...)
  values <- list(statistic = w()$statistic, p_value_two_sided = w()$p.value, p_value_less = w(alternative = "less")$p.value, p_value_greater = w(alternative = "greater")$p.value)
  given <- list(values = I(d$value), group = I(d$group), groups = I(c("c", "e")))
  add(paste("rank sum, exact,", name), "rank_sum_test", "ranks", values, c(given, list(method = "exact")))
  if (name != "tied") {
    w <- wilcox.test(one$b, one$a, conf.int = TRUE, conf.level = 0.8)
    add(paste("rank sum, exact limits,", name), "rank_sum_test", "r", list(estimate = w$estimate, lower = w$conf.int[1], upper = w$conf.int[2], p_value_two_sided = w$p.value), c(given, list(confidence_level = 0.8)))
  }
}
e <- wilcox.exact(ovarian$age[ovarian$rx == 2], ovarian$age[ovarian$rx == 1])
add("ovarian, age by rx, exact", "rank_sum_test", "ranks", list(p_value_two_sided = e$p.value), list(values = "age", group = "rx", groups = I(c(1, 2)), method = "exact"), data = "ovarian")
d <- veteran[veteran$celltype == "adeno", ]; e <- wilcox.exact(d$karno[d$trt == 2], d$karno[d$trt == 1])
add("veteran adeno, karno by trt, exact with ties", "rank_sum_test", "ranks", list(p_value_two_sided = e$p.value), list(values = "karno", group = "trt", groups = I(c(1, 2)), method = "exact"), data = "veteran_adeno")

# One group and pairs.
singles <- list(plain = c(1.5, -0.2, 2.5, 3.1, 0.7, -1.9, 4.2), tied = c(1, -1, 2, 2, 3, -2, 4, 5, 5), zeros = c(0, 0, 1, -2, 3, 3, 4, -1, 6), age = lung$age[1:60] - 62.25)
for (name in names(singles)) {
  x <- singles[[name]]
  t <- t.test(x, mu = 0.5)
  add(paste("one sample t,", name), "one_sample_t_test", "r", list(estimate = mean(x), t = t$statistic, df = t$parameter, p_value_two_sided = t$p.value, lower = t$conf.int[1], upper = t$conf.int[2]), list(values = I(x), null = 0.5))
  w <- no_warning(wilcox.test(x, exact = FALSE))
  add(paste("signed rank, normal,", name), "signed_rank_test", "r", list(statistic = w$statistic, p_value_two_sided = w$p.value), list(first = I(x), method = "normal"))
  w <- no_warning(wilcox.test(x, exact = FALSE, correct = FALSE, alternative = "greater"))
  add(paste("signed rank, normal, one-sided,", name), "signed_rank_test", "r", list(p_value_greater = w$p.value), list(first = I(x), method = "normal", correction = FALSE))
  if (name != "age") {
    kept <- x[x != 0]
    add(paste("signed rank, exact,", name), "signed_rank_test", "ranks", list(p_value_two_sided = wilcox.exact(kept)$p.value, p_value_less = wilcox.exact(kept, alternative = "less")$p.value, p_value_greater = wilcox.exact(kept, alternative = "greater")$p.value), list(first = I(x), method = "exact"))
  }
}
w <- wilcox.test(singles$plain, conf.int = TRUE, conf.level = 0.9)
add("signed rank, exact limits", "signed_rank_test", "r", list(estimate = w$estimate, lower = w$conf.int[1], upper = w$conf.int[2]), list(first = I(singles$plain), confidence_level = 0.9))
z <- singles$zeros; pratt <- wilcoxsign_test(pmax(z, 0) ~ pmax(-z, 0), zero.method = "Pratt")
add("signed rank, Pratt's zeros", "signed_rank_test", "coin", list(z = statistic(pratt), p_value_two_sided = pvalue(pratt)), list(first = I(z), method = "normal", zeros = "pratt", correction = FALSE))
both <- lung[complete.cases(lung[, c("ph.karno", "pat.karno")]), ]
t <- t.test(both$ph.karno, both$pat.karno, paired = TRUE)
add("lung, two Karnofsky scores, paired t", "paired_t_test", "r", list(estimate = mean(both$ph.karno - both$pat.karno), t = t$statistic, df = t$parameter, p_value_two_sided = t$p.value, lower = t$conf.int[1], upper = t$conf.int[2]), list(first = "ph.karno", second = "pat.karno"), data = "lung_karnofsky")
w <- no_warning(wilcox.test(both$ph.karno, both$pat.karno, paired = TRUE))
add("lung, two Karnofsky scores, signed rank", "signed_rank_test", "r", list(statistic = w$statistic, p_value_two_sided = w$p.value), list(first = "ph.karno", second = "pat.karno"), data = "lung_karnofsky")

# Several groups.
several <- list(list("veteran", veteran, "age", "celltype"), list("veteran", veteran, "karno", "celltype"), list("veteran", veteran, "time", "celltype"), list("pbc_randomized", pbc, "bili", "edema"), list("pbc_randomized", pbc, "albumin", "edema"))
for (one in several) {
  d <- one[[2]]; y <- d[[one[[3]]]]; g <- factor(d[[one[[4]]]]); label <- paste0(one[[1]], ", ", one[[3]], " by ", one[[4]]); given <- list(values = one[[3]], group = one[[4]])
  k <- kruskal.test(y, g)
  add(paste0(label, ", Kruskal-Wallis"), "kruskal_wallis", "r", list(chi_square = k$statistic, df = k$parameter, p_value_two_sided = k$p.value), given, data = one[[1]])
  a <- oneway.test(y ~ g, var.equal = TRUE); w <- oneway.test(y ~ g)
  add(paste0(label, ", analysis of variance"), "analysis_of_variance", "r", list(f = a$statistic, df = a$parameter[1], df_within = a$parameter[2], p_value_two_sided = a$p.value), given, data = one[[1]])
  add(paste0(label, ", Welch's analysis of variance"), "analysis_of_variance", "r", list(f = w$statistic, df_within = w$parameter[2], p_value_two_sided = w$p.value), c(given, list(variances = "welch")), data = one[[1]])
}
# van Elteren: coin with ranks in the stratum over its n + 1.
elteren <- function(d, y, g, s) {
  d$r <- ave(d[[y]], d[[s]], FUN = function(v) rank(v) / (length(v) + 1)); d$g <- factor(d[[g]]); d$s <- factor(d[[s]])
  independence_test(r ~ g | s, data = d, teststat = "quadratic")
}
for (one in list(list("veteran", veteran, "karno", "trt", "celltype"), list("veteran", veteran, "age", "celltype", "prior"), list("pbc_randomized", pbc, "bili", "trt", "edema"))) {
  e <- elteren(one[[2]], one[[3]], one[[4]], one[[5]])
  add(paste0(one[[1]], ", ", one[[3]], " by ", one[[4]], " within ", one[[5]], ", van Elteren"), "van_elteren", "coin", list(chi_square = statistic(e), p_value_two_sided = pvalue(e)), list(values = one[[3]], group = one[[4]], strata = one[[5]]), data = one[[1]])
}
# Correlation.
for (one in list(list("veteran", veteran, "age", "karno"), list("pbc_randomized", pbc, "bili", "albumin"), list("veteran", veteran, "time", "diagtime"))) {
  x <- one[[2]][[one[[3]]]]; y <- one[[2]][[one[[4]]]]; label <- paste0(one[[1]], ", ", one[[3]], " and ", one[[4]]); given <- list(first = one[[3]], second = one[[4]])
  p <- cor.test(x, y)
  add(paste0(label, ", Pearson"), "correlation", "r", list(estimate = p$estimate, t = p$statistic, df = p$parameter, p_value_two_sided = p$p.value, lower = p$conf.int[1], upper = p$conf.int[2]), given, data = one[[1]])
  s <- no_warning(cor.test(x, y, method = "spearman", exact = FALSE))
  add(paste0(label, ", Spearman"), "correlation", "r", list(estimate = s$estimate, p_value_two_sided = s$p.value), c(given, list(method = "spearman")), data = one[[1]])
  k <- no_warning(cor.test(x, y, method = "kendall", exact = FALSE))
  add(paste0(label, ", Kendall"), "correlation", "r", list(estimate = k$estimate, z = k$statistic, p_value_two_sided = k$p.value), c(given, list(method = "kendall")), data = one[[1]])
}
for (one in list(list("veteran", veteran$age), list("lung", lung$age), list("pbc_randomized", pbc$bili))) for (kind in c(7, 2)) {
  q <- quantile(one[[2]], c(0.25, 0.5, 0.75), type = kind, names = FALSE)
  add(paste0(one[[1]], ", described, quantiles of type ", kind), "describe", "r", list(n = length(one[[2]]), mean = mean(one[[2]]), sd = sd(one[[2]]), q1 = q[1], median = q[2], q3 = q[3], minimum = min(one[[2]]), maximum = max(one[[2]])),
      list(values = if (one[[1]] == "pbc_randomized") "bili" else "age", kind = kind), data = one[[1]])
}
sources <- list(
  r = list(kind = "program", name = paste0("R ", getRversion(), ", stats"), script = "verification/evidence/continuous.R"),
  ranks = list(kind = "program", name = paste0("R ", getRversion(), ", exactRankTests ", packageVersion("exactRankTests")), script = "verification/evidence/continuous.R"),
  coin = list(kind = "program", name = paste0("R ", getRversion(), ", coin ", packageVersion("coin")), script = "verification/evidence/continuous.R"))
adeno <- veteran[veteran$celltype == "adeno", ]
data <- list(veteran = "veteran.csv", lung = "lung.csv", melanoma = "melanoma.csv", ovarian = "ovarian.csv",
             pbc_randomized = list(bili = pbc$bili, albumin = pbc$albumin, trt = pbc$trt, sex = as.character(pbc$sex), edema = pbc$edema),
             veteran_adeno = list(karno = adeno$karno, trt = adeno$trt), lung_karnofsky = list(ph.karno = both$ph.karno, pat.karno = both$pat.karno))
write_evidence("src/equipoise/validation/evidence/continuous_r.json", "continuous", sources, data, cases)
cat(length(cases), "cases\n")
