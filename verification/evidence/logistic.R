# Logistic regression: Rscript verification/evidence/logistic.R (from the repository's root; R 4.2, MASS, survival, pROC)
suppressMessages({library(survival); library(MASS); library(pROC)})
source("verification/evidence/json.R")
cases <- list()
add <- function(...) cases[[length(cases) + 1]] <<- case(...)
folder <- "src/equipoise/validation/data/"
read <- function(name) read.csv(paste0(folder, name, ".csv"), check.names = FALSE, stringsAsFactors = FALSE)
tight <- glm.control(epsilon = 1e-16, maxit = 200)
v <- function(x) I(unname(as.vector(x)))
fit <- function(formula, d, count = rep(1, nrow(d))) { d$.count <- count; suppressWarnings(glm(formula, binomial, d, weights = .count, control = tight)) }
quoted <- function(x) paste0("`", x, "`")
model_formula <- function(y, x) as.formula(paste(quoted(y), "~", if (length(x)) paste(quoted(x), collapse = "+") else "1"))
test_p <- function(x, df) pchisq(x, df, lower.tail = FALSE)

# ---- maximum likelihood on real data
sets <- list(
  veteran = list("status", c("trt", "karno", "diagtime", "age", "prior")),
  ovarian = list("fustat", c("age", "resid.ds", "rx", "ecog.ps")),
  colon_death = list("status", c("sex", "age", "obstruct", "perfor", "adhere", "extent", "surg", "node4")),
  colon_recurrence = list("status", c("sex", "age", "obstruct", "perfor", "adhere", "extent", "surg", "node4")),
  mgus2 = list("pstat", c("age", "dxyr")),
  kidney = list("status", c("age", "sex", "frail")),
  rats = list("status", c("rx", "litter")),
  stanford2 = list("status", c("age")),
  heart = list("event", c("age", "year", "surgery", "transplant")),
  bladder2 = list("event", c("rx", "number", "size", "stop")))
lung <- na.omit(read("lung")[, c("status", "age", "sex", "ph.ecog", "ph.karno", "pat.karno", "wt.loss")])
pbc <- read("pbc"); pbc <- na.omit(pbc[, c("status", "trt", "age", "sex", "ascites", "hepato", "spiders", "edema", "bili", "albumin", "protime", "platelet", "stage")])
pbc$dead <- as.numeric(pbc$status == 2); pbc$female <- as.numeric(pbc$sex == "f")
pbc <- pbc[, c("dead", "trt", "age", "female", "ascites", "hepato", "spiders", "edema", "bili", "albumin", "protime", "platelet", "stage")]
frames <- list(lung_complete = lung, pbc_complete = pbc)
sets$lung_complete <- list("status", setdiff(names(lung), "status"))
sets$pbc_complete <- list("dead", setdiff(names(pbc), "dead"))
data <- list(); for (n in names(sets)) data[[n]] <- if (is.null(frames[[n]])) paste0(n, ".csv") else lapply(frames[[n]], v)
get_data <- function(n) if (is.null(frames[[n]])) read(n) else frames[[n]]

wald_values <- function(m, m0, level) {
  # glm stops an iteration early in its covariance (weights of the step before): two more Newton steps, and the covariance there
  X <- model.matrix(m); y <- m$y; w <- m$prior.weights; b <- coef(m)
  for (i in 1:2) { p <- plogis(drop(X %*% b)); b <- b + solve(crossprod(X, w * p * (1 - p) * X), crossprod(X, w * (y - p)))[, 1] }
  p <- plogis(drop(X %*% b)); V <- solve(crossprod(X, w * p * (1 - p) * X)); se <- sqrt(diag(V)); z <- b / se; k <- seq_along(b)[-1]
  ci <- exp(cbind(b - qnorm((1 + level) / 2) * se, b + qnorm((1 + level) / 2) * se))
  W <- drop(t(b[k]) %*% solve(V[k, k, drop = FALSE]) %*% b[k])
  p0 <- sum(w * y) / sum(w); Xc <- cbind(1, scale(X[, -1])); U <- crossprod(Xc, w * (y - p0)); rao <- drop(t(U) %*% solve(crossprod(Xc, w * p0 * (1 - p0) * Xc), U))
  stopifnot(abs(rao / anova(m0, m, test = "Rao")$Rao[2] - 1) < 1e-6, max(abs(se / coef(summary(m))[, 2] - 1)) < 1e-6)
  p <- length(k)
  list(coefficients = v(b), std_err = v(se), z = v(z), p_value_two_sided = v(2 * pnorm(-abs(z))), odds_ratio = v(exp(b)),
       lower = v(ci[, 1]), upper = v(ci[, 2]), covariance = unname(V), log_likelihood = as.numeric(logLik(m)),
       log_likelihood_null = as.numeric(logLik(m0)), deviance = -2 * as.numeric(logLik(m)), aic = AIC(m), `wald.chi_square` = W, `wald.p_value_two_sided` = test_p(W, p),
       `score.chi_square` = rao, `score.p_value_two_sided` = test_p(rao, p), `likelihood_ratio.df` = p,
       `likelihood_ratio.chi_square` = 2 * as.numeric(logLik(m) - logLik(m0)),
       `likelihood_ratio.p_value_two_sided` = test_p(2 * as.numeric(logLik(m) - logLik(m0)), p), n = sum(m$prior.weights), n_events = sum(m$prior.weights * m$y))
}
for (n in names(sets)) {
  d <- get_data(n); y <- sets[[n]][[1]]; x <- sets[[n]][[2]]
  add(paste0(n, ", all"), "logistic", "glm", wald_values(fit(model_formula(y, x), d), fit(model_formula(y, character()), d), .95),
      list(response = y, covariates = I(x)), n, requirements = 161)
}
for (level in c(.9, .99)) { d <- read("colon_death"); x <- c("sex", "age", "node4")
  add(paste0("colon_death, level ", level), "logistic", "glm", wald_values(fit(model_formula("status", x), d), fit(status ~ 1, d), level),
      list(response = "status", covariates = I(x), confidence_level = level), "colon_death", requirements = 161) }
for (x in c("age", "karno", "prior")) { d <- read("veteran")
  add(paste0("veteran, ", x, " alone"), "logistic", "glm", wald_values(fit(model_formula("status", x), d), fit(status ~ 1, d), .95),
      list(response = "status", covariates = I(x)), "veteran", requirements = 161) }
# intercept alone, no intercept, offset
d <- read("colon_death"); m <- fit(status ~ 1, d)
add("colon_death, intercept alone", "logistic", "glm", list(coefficients = v(coef(m)), std_err = v(sqrt(diag(vcov(m)))), log_likelihood = as.numeric(logLik(m)), aic = AIC(m)),
    list(response = "status", covariates = list()), "colon_death")
m <- fit(status ~ 0 + sex + age + node4, d)
add("colon_death, no intercept", "logistic", "glm", list(coefficients = v(coef(m)), std_err = v(sqrt(diag(vcov(m)))), log_likelihood = as.numeric(logLik(m)), log_likelihood_null = -nrow(d) * log(2), aic = AIC(m)),
    list(response = "status", covariates = I(c("sex", "age", "node4")), intercept = FALSE), "colon_death")
d$known <- 0.02 * d$age; data$colon_offset <- lapply(d[, c("status", "sex", "node4", "extent", "known")], v); frames$colon_offset <- d
m <- fit(status ~ sex + node4 + extent + offset(known), d); m0 <- fit(status ~ 1 + offset(known), d)
add("colon_death, offset", "logistic", "glm", list(coefficients = v(coef(m)), std_err = v(sqrt(diag(vcov(m)))), log_likelihood = as.numeric(logLik(m)), log_likelihood_null = as.numeric(logLik(m0)),
    `score.chi_square` = anova(m0, m, test = "Rao")$Rao[2], fitted = v(fitted(m))), list(response = "status", covariates = I(c("sex", "node4", "extent")), offset = "known"), "colon_offset")
m <- fit(status ~ age + karno, read("veteran"))
add("veteran, fitted probabilities", "logistic", "glm", list(fitted = v(fitted(m))), list(response = "status", covariates = I(c("age", "karno"))), "veteran")

# ---- frequency weights: tables as rows
tables <- list(
  snoring = data.frame(y = rep(1:0, each = 4), score = rep(c(0, 2, 4, 5), 2), count = c(24, 35, 21, 30, 1355, 603, 192, 224)),
  azt = data.frame(y = rep(1:0, each = 4), azt = c(1, 0, 1, 0, 1, 0, 1, 0), white = c(1, 1, 0, 0, 1, 1, 0, 0), count = c(14, 32, 11, 12, 93, 81, 52, 43)),
  death_penalty = data.frame(y = rep(1:0, each = 4), white_defendant = c(1, 0, 1, 0, 1, 0, 1, 0), white_victim = c(1, 1, 0, 0, 1, 1, 0, 0), count = c(53, 11, 0, 4, 414, 37, 16, 139)),
  large = data.frame(y = c(1, 0, 1, 0), x = c(1, 1, 0, 0), count = c(120345, 879655, 98765, 901235)))
for (n in names(tables)) {
  d <- tables[[n]]; x <- setdiff(names(d), c("y", "count")); data[[n]] <- lapply(d, v); frames[[n]] <- d
  single <- d[rep(seq_len(nrow(d)), pmin(d$count, 1e5)), ]
  if (n == "large") { m <- fit(y ~ x, d, d$count)
    add("large counts", "logistic", "glm", list(coefficients = v(coef(m)), std_err = v(sqrt(diag(vcov(m)))), n = 2e6, log_likelihood = as.numeric(logLik(m))),
        list(response = "y", covariates = "x", weights = "count"), n)
  } else add(paste0(n, ", counts"), "logistic", "glm", wald_values(fit(model_formula("y", x), single), fit(y ~ 1, single), .95),
      list(response = "y", covariates = I(x), weights = "count"), n, requirements = 161)
}

# ---- likelihood-ratio comparison, interaction
compare <- function(id, n, y, small, large, d) {
  a <- fit(model_formula(y, small), d); b <- fit(model_formula(y, large), d); t <- anova(a, b, test = "LRT")
  add(id, "logistic", "glm", list(`likelihood_ratio.chi_square` = 2 * as.numeric(logLik(b) - logLik(fit(model_formula(y, character()), d))), aic = AIC(b), `likelihood_ratio.df` = length(large)),
      list(response = y, covariates = I(large)), n)
}
d <- read("colon_death"); d$sex_node4 <- d$sex * d$node4; frames$colon_interaction <- d; data$colon_interaction <- lapply(d[, c("status", "sex", "node4", "sex_node4")], v)
compare("colon_death, interaction model", "colon_interaction", "status", c("sex", "node4"), c("sex", "node4", "sex_node4"), d)

term <- function(n, y, x, tested) { d <- get_data(n); b <- fit(model_formula(y, x), d); a <- fit(model_formula(y, setdiff(x, tested)), d); chi <- anova(a, b, test = "LRT")$Deviance[2]
  X <- cbind(1, as.matrix(d[, x])); w <- coef(b); for (i in 1:2) { p <- plogis(drop(X %*% w)); w <- w + solve(crossprod(X, p * (1 - p) * X), crossprod(X, d[[y]] - p))[, 1] }
  p <- plogis(drop(X %*% w)); V <- solve(crossprod(X, p * (1 - p) * X)); at <- match(tested, x) + 1; W <- drop(t(w[at]) %*% solve(V[at, at]) %*% w[at]); k <- length(tested)
  for (t in c("likelihood-ratio", "wald")) { s <- if (t == "wald") W else chi
    add(paste0(n, ", ", t, " test of ", paste(tested, collapse = " and ")), "logistic", "glm", list(chi_square = s, df = k, p_value_two_sided = test_p(s, k)), list(response = y, covariates = I(x)), n,
        then = list(list("stats.logistic_term_test", list(covariates = I(tested), test = t))), requirements = 161, tolerance = 1e-7, reason = "a difference of two deviances") } }
term("colon_interaction", "status", c("sex", "node4", "sex_node4"), "sex_node4")
term("pbc_complete", "dead", setdiff(names(pbc), "dead"), c("ascites", "hepato", "spiders"))
term("colon_death", "status", sets$colon_death[[2]], c("extent", "surg"))
term("veteran", "status", sets$veteran[[2]], "prior")

# ---- profile likelihood, by uniroot on the constrained fit (confint.glm interpolates a spline, to about 1e-4)
profile_limits <- function(y, X, level, j, weights = rep(1, length(y))) {
  f <- function(b, others) as.numeric(-suppressWarnings(glm.fit(others, y, weights, offset = b * X[, j], family = binomial(), control = glm.control(1e-15, 500)))$deviance / 2)
  full <- suppressWarnings(glm.fit(X, y, weights, family = binomial(), control = glm.control(1e-16, 500))); best <- -full$deviance / 2
  b <- full$coefficients[j]; se <- sqrt(diag(solve(crossprod(X, full$weights * X))))[j]; others <- X[, -j, drop = FALSE]
  q <- qchisq(level, 1) / 2
  side <- function(s) { g <- function(t) best - f(b + s * t * se, others) - q
    uniroot(g, c(.1, 10), extendInt = "upX", tol = 1e-13)$root * s * se + b }
  c(side(-1), side(1))
}
profile_case <- function(n, y, x, level = .95) {
  d <- get_data(n); X <- cbind(1, as.matrix(d[, x])); ci <- sapply(seq_len(ncol(X)), function(j) profile_limits(d[[y]], X, level, j))
  add(paste0(n, ", profile limits ", level), "logistic", "profile", list(coefficient_lower = v(ci[1, ]), coefficient_upper = v(ci[2, ]), lower = v(exp(ci[1, ])), upper = v(exp(ci[2, ]))),
      list(response = y, covariates = I(x)), n, then = list(list("stats.logistic_profile_intervals", list(confidence_level = level))), requirements = 161,
      tolerance = 1e-7, reason = "uniroot on a deviance that glm.fit stops at 1e-15 of")
}
profile_case("veteran", "status", c("age", "karno")); profile_case("ovarian", "fustat", c("age", "rx")); profile_case("colon_death", "status", c("sex", "age", "node4"))
profile_case("lung_complete", "status", c("age", "sex", "ph.ecog"), .9); profile_case("pbc_complete", "dead", c("trt", "age", "bili"), .99)
profile_case("kidney", "status", "sex"); profile_case("stanford2", "status", "age")
# confint.glm itself, to the accuracy of its spline
for (n in c("veteran", "colon_death")) { x <- if (n == "veteran") c("age", "karno") else c("sex", "age", "node4"); m <- fit(model_formula("status", x), read(n))
  ci <- suppressMessages(confint(m))
  add(paste0(n, ", confint.glm"), "logistic", "glm", list(coefficient_lower = v(ci[, 1]), coefficient_upper = v(ci[, 2])), list(response = "status", covariates = I(x)), n,
      then = list(list("stats.logistic_profile_intervals", empty())), tolerance = 2e-2, reason = "confint.glm interpolates the profile by a spline of a few points") }

# ---- C statistic and Hosmer-Lemeshow
for (n in c("veteran", "ovarian", "colon_death", "pbc_complete", "bladder2")) {
  d <- get_data(n); y <- sets[[n]][[1]]; x <- sets[[n]][[2]]; m <- fit(model_formula(y, x), d)
  r <- suppressMessages(roc(d[[y]], round(fitted(m), 12), direction = "<")); s <- sqrt(var(r)); z <- qnorm(.975)
  add(paste0(n, ", C statistic"), "logistic", "pROC", list(estimate = as.numeric(auc(r)), std_err = s, lower = max(as.numeric(auc(r)) - z * s, 0), upper = min(as.numeric(auc(r)) + z * s, 1)),
      list(response = y, covariates = I(x)), n, then = list(list("stats.c_statistic", empty())))
  if (n != "ovarian") for (g in c(10, 6)) { p <- fitted(m); cut_at <- unique(quantile(p, seq(0, 1, 1 / g))); grp <- cut(p, cut_at, include.lowest = TRUE)
    o <- tapply(d[[y]], grp, sum); e <- tapply(p, grp, sum); k <- as.vector(table(grp)); X2 <- sum((o - e)^2 / e + ((k - o) - (k - e))^2 / (k - e))
    add(paste0(n, ", Hosmer-Lemeshow ", g), "logistic", "hosmer", list(chi_square = X2, df = length(k) - 2, p_value_two_sided = test_p(X2, length(k) - 2), n = v(k), observed = v(o), expected = v(e)),
        list(response = y, covariates = I(x)), n, then = list(list("stats.hosmer_lemeshow", list(groups = g)))) }
}

# ---- Firth: an own maximization of the penalized likelihood
penalized <- function(b, X, y, w) { eta <- drop(X %*% b); p <- plogis(eta); I <- crossprod(X, w * p * (1 - p) * X)
  sum(w * (y * plogis(eta, log.p = TRUE) + (1 - y) * plogis(-eta, log.p = TRUE))) + as.numeric(determinant(I)$modulus) / 2 }
firth <- function(X, y, w, fixed = integer(), at = numeric(), start = rep(0, ncol(X))) {
  b <- start; b[fixed] <- at; free <- setdiff(seq_len(ncol(X)), fixed)
  if (length(free)) for (i in 1:5000) { p <- plogis(drop(X %*% b)); W <- p * (1 - p); I <- crossprod(X, w * W * X); h <- W * rowSums((X %*% solve(I)) * X)
    U <- crossprod(X, w * (y - p + h * (.5 - p))); step <- solve(I[free, free, drop = FALSE], U[free]); s <- 1
    while (penalized(replace(b, free, b[free] + s * step), X, y, w) < penalized(b, X, y, w) - 1e-12 && s > 1e-8) s <- s / 2
    b[free] <- b[free] + s * step; if (max(abs(step)) < 1e-14) break }
  list(b = b, l = penalized(b, X, y, w))
}
firth_case <- function(id, d, y, x, weights, name, profile = TRUE) {
  X <- cbind(1, as.matrix(d[, x, drop = FALSE])); w <- if (is.null(weights)) rep(1, nrow(d)) else d[[weights]]; yy <- d[[y]]
  f <- firth(X, yy, w); p <- plogis(drop(X %*% f$b)); V <- solve(crossprod(X, w * p * (1 - p) * X)); se <- sqrt(diag(V))
  null <- firth(X, yy, w, 2:ncol(X), 0); chi <- sapply(1:ncol(X), function(j) 2 * (f$l - firth(X, yy, w, j, 0, f$b - f$b[j] * V[, j] / V[j, j])$l))
  values <- list(coefficients = v(f$b), std_err = v(se), covariance = unname(V), log_likelihood = f$l, log_likelihood_null = null$l, chi_square = v(chi), p_value_two_sided = v(test_p(chi, 1)),
    `likelihood_ratio.chi_square` = 2 * (f$l - null$l), z = v(f$b / se), p_value_wald = v(2 * pnorm(-abs(f$b / se))))
  q <- qchisq(.95, 1)
  ci <- sapply(1:ncol(X), function(j) sapply(c(-1, 1), function(s) uniroot(function(t) 2 * (f$l - firth(X, yy, w, j, f$b[j] + s * t * se[j], f$b + s * t * se[j] * V[, j] / V[j, j])$l) - q, c(.1, 4), extendInt = "upX", tol = 1e-12)$root * s * se[j] + f$b[j]))
  values$lower <- v(exp(ci[1, ])); values$upper <- v(exp(ci[2, ]))
  arguments <- list(response = y, covariates = I(x)); if (!is.null(weights)) arguments$weights <- weights
  add(id, "firth_logistic", "firth", values, arguments, name, tolerance = 1e-6, reason = "uniroot on a likelihood with rounding 1e-13; a chi-square near 0 is a difference of likelihoods")
  add(paste0(id, ", Wald limits"), "firth_logistic", "firth", list(lower = v(exp(f$b - qnorm(.975) * se)), upper = v(exp(f$b + qnorm(.975) * se))), c(arguments, list(interval = "wald")), name)
}
firth_case("ovarian, Firth", read("ovarian"), "fustat", c("age", "rx"), NULL, "ovarian")
firth_case("veteran, Firth", read("veteran"), "status", c("trt", "karno", "prior"), NULL, "veteran")
firth_case("kidney, Firth", read("kidney"), "status", c("age", "sex"), NULL, "kidney")
firth_case("death penalty, Firth", tables$death_penalty, "y", c("white_defendant", "white_victim"), "count", "death_penalty")
separated <- data.frame(y = c(0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 1), x = c(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 5.5, 5.6), g = c(0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 1, 0))
data$separated <- lapply(separated, v)
firth_case("separated, Firth", separated, "y", c("x", "g"), NULL, "separated")

# ---- exact: one covariate is the conditional likelihood of coxph(ties = "exact"), with and without strata
conditional <- function(id, d, y, x, strata, name) {
  s <- if (is.null(strata)) rep(1, nrow(d)) else d[[strata]]
  m <- coxph(as.formula(paste0("Surv(rep(1, nrow(d)), d[['", y, "']]) ~ d[['", x, "']] + strata(s)")), ties = "exact", control = coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 100))
  arguments <- list(response = y, covariates = I(x)); if (!is.null(strata)) arguments$strata <- strata
  add(id, "exact_logistic", "clogit", list(coefficients = v(coef(m)), std_err = v(sqrt(diag(vcov(m)))), odds_ratio = v(exp(coef(m))), chi_square = v(m$score)), arguments, name, requirements = 161)
}
conditional("ovarian, exact, rx", read("ovarian"), "fustat", "rx", NULL, "ovarian")
conditional("ovarian, exact, rx by residual disease", read("ovarian"), "fustat", "rx", "resid.ds", "ovarian")
conditional("veteran, exact, karno by prior", read("veteran"), "status", "karno", "prior", "veteran")
conditional("kidney, exact, sex by disease", read("kidney"), "status", "sex", "disease", "kidney")
matched <- data.frame(y = rep(c(1, 0, 0), 12), set = rep(1:12, each = 3), x = c(3,1,2, 4,4,1, 2,5,1, 6,2,3, 5,1,1, 2,2,3, 4,0,1, 1,3,0, 7,2,5, 3,3,3, 2,1,4, 5,2,0))
data$matched <- lapply(matched, v); conditional("1:2 matched sets, exact", matched, "y", "x", "set", "matched")
# Fisher: conditional MLE and limits of a 2 x 2 table, solved to 1e-14 (fisher.test itself stops at 1e-4)
fisher_exact <- function(a, b, c, d) { lo <- max(0, a + b + a + c - (a + b + c + d)); hi <- min(a + b, a + c); t <- lo:hi; ld <- dhyper(t, a + c, b + d, a + b, log = TRUE)
  pr <- function(beta) { w <- ld + beta * t; w <- exp(w - max(w)); w / sum(w) }
  root <- function(f) uniroot(f, c(-40, 40), tol = 1e-14)$root
  est <- if (a == lo) -Inf else if (a == hi) Inf else root(function(x) sum(pr(x) * t) - a)
  lower <- if (a == lo) -Inf else root(function(x) sum(pr(x)[t >= a]) - .025); upper <- if (a == hi) Inf else root(function(x) sum(pr(x)[t <= a]) - .025)
  list(coefficients = v(est), odds_ratio = v(exp(est)), lower = v(exp(lower)), upper = v(exp(upper)), p_value_two_sided = v(fisher.test(matrix(c(a, c, b, d), 2))$p.value)) }
for (t in list(c(7, 3, 2, 8), c(3, 1, 1, 3), c(10, 0, 4, 6), c(0, 9, 5, 5), c(15, 85, 5, 95), c(24, 1, 20, 5))) {
  name <- paste0("table_", paste(t, collapse = "_")); data[[name]] <- list(y = v(c(1, 0, 1, 0)), x = v(c(1, 1, 0, 0)), count = v(t))
  add(paste0("2 x 2 ", paste(t, collapse = " ")), "exact_logistic", "fisher", do.call(fisher_exact, as.list(t)), list(response = "y", covariates = "x", weights = "count"), name,
      requirements = 161, tolerance = 1e-7, reason = "limits by uniroot to 1e-14 on the log odds ratio") }

used <- unique(vapply(cases, function(x) x$data, ""))
version <- function(p) paste(p, packageVersion(p))
program <- function(name) list(kind = "program", name = paste0("R ", getRversion(), ", ", name), script = "verification/evidence/logistic.R")
write_evidence("src/equipoise/validation/evidence/logistic_r.json", "logistic",
  list(glm = program("glm with epsilon 1e-16, anova, confint"), profile = program("uniroot on glm.fit"), pROC = program(version("pROC")), hosmer = program("cut at quantiles, as ResourceSelection"),
       firth = program("own maximization of Firth's likelihood"), clogit = program(paste(version("survival"), "coxph, ties exact, which is clogit")), fisher = program("dhyper, fisher.test")), data[used], cases)
cat(length(cases), "cases\n")
