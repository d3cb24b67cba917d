# One proportion: Rscript verification/evidence/proportions.R
# binom.test and prop.test of R's stats; formulas of quantiles (qbeta, qnorm) where R has no function.
source("verification/evidence/json.R")
cases <- list()
add <- function(...) cases[[length(cases) + 1]] <<- case(...)
no_warning <- suppressWarnings
pairs <- list(c(81, 263), c(15, 148), c(0, 20), c(1, 29), c(20, 20), c(10, 20), c(3, 7), c(26, 105), c(4999, 100000), c(1, 1))
for (one in pairs) {
  x <- one[1]; n <- one[2]; label <- paste(x, "of", n)
  for (level in if (x == 81) c(0.95, 0.9, 0.999) else 0.95) {
    name <- function(method) paste0(label, ", ", method, if (level != 0.95) paste0(", ", 100 * level, "%"))
    given <- function(method) list(events = x, n = n, method = method, confidence_level = level)
    e <- binom.test(x, n, conf.level = level)
    add(name("Clopper-Pearson"), "proportion_interval", "r", list(estimate = x / n, lower = e$conf.int[1], upper = e$conf.int[2]), given("clopper-pearson"))
    w <- no_warning(prop.test(x, n, correct = FALSE, conf.level = level))
    # prop.test rounds nothing to 0 at no events: its limit there is what subtraction leaves.
    add(name("Wilson"), "proportion_interval", "r", list(lower = if (x == 0) 0 else w$conf.int[1], upper = if (x == n) 1 else w$conf.int[2]), given("wilson"))
    w <- no_warning(prop.test(x, n, conf.level = level))
    add(name("Wilson, corrected"), "proportion_interval", "r", list(lower = w$conf.int[1], upper = w$conf.int[2]), given("wilson_cc"))
    a <- (1 - level) / 2; z <- qnorm(1 - a)
    add(name("Jeffreys"), "proportion_interval", "quantiles", list(lower = if (x == 0) 0 else qbeta(a, x + .5, n - x + .5), upper = if (x == n) 1 else qbeta(1 - a, x + .5, n - x + .5)), given("jeffreys"))
    centre <- (x + z^2 / 2) / (n + z^2)
    add(name("Agresti-Coull"), "proportion_interval", "quantiles", list(lower = centre - z * sqrt(centre * (1 - centre) / (n + z^2)), upper = centre + z * sqrt(centre * (1 - centre) / (n + z^2))), given("agresti-coull"))
    add(name("Wald"), "proportion_interval", "quantiles", list(lower = x / n - z * sqrt(x * (n - x) / n^3), upper = x / n + z * sqrt(x * (n - x) / n^3)), given("wald"))
  }
  for (null in if (n > 1000) c(0.05, 0.052) else c(0.5, 0.25, 0.04)) {  # below 1e-300 a P value has few digits

    two <- binom.test(x, n, null); less <- binom.test(x, n, null, "less"); greater <- binom.test(x, n, null, "greater")
    add(paste0(label, ", exact test of ", null), "proportion_test", "r", list(p_value_two_sided = two$p.value, p_value_less = less$p.value, p_value_greater = greater$p.value), list(events = x, n = n, null = null),
        tolerance = if (n > 1000) 1e-7, reason = if (n > 1000) "the peer sums its probabilities from logarithms of large numbers")
  }
  null <- if (n > 1000) 0.052 else 0.25
  p <- no_warning(prop.test(x, n, null, correct = FALSE))
  add(paste0(label, ", score test of ", null), "proportion_test", "r", list(p_value_two_sided = p$p.value), list(events = x, n = n, null = null, method = "score"))
}
v <- read.csv("src/equipoise/validation/data/veteran.csv")
e <- binom.test(sum(v$prior == 10), nrow(v))
cured <- as.integer(v$prior == 10)
add("veteran, prior therapy, subjects", "proportion_interval", "r", list(n_events = sum(cured), lower = e$conf.int[1], upper = e$conf.int[2]), list(events = "prior"), data = "veteran_prior")
sources <- list(r = list(kind = "program", name = paste0("R ", getRversion(), ", stats: binom.test, prop.test"), script = "verification/evidence/proportions.R"),
                quantiles = list(kind = "program", name = paste0("R ", getRversion(), ", qbeta and qnorm in the formula"), script = "verification/evidence/proportions.R"))
write_evidence("src/equipoise/validation/evidence/proportions_r.json", "proportions", sources, list(veteran_prior = list(prior = cured)), cases)
cat(length(cases), "cases\n")
