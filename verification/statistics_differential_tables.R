# The other side of statistics_differential_tables.py: reads requests (JSON) and writes what R gives for each.
# Usage: Rscript statistics_differential_tables.R REQUESTS ANSWERS
# Named "own" below: written here from the definition, since no package in Debian has it.
suppressPackageStartupMessages({
  library(jsonlite); library(survival); library(coin); library(mvtnorm); library(exactRankTests)
  library(metafor); library(brglm2); library(pROC)
})
options(warn = -1)

root <- function(f, lower, upper) uniroot(f, c(lower, upper), tol = 1e-15, maxiter = 10000)$root
# A root whose sides differ in sign by construction, in the logarithm.
log_root <- function(f) exp(root(f, -60, 60))

two_by_two <- function(q) matrix(c(q$x0, q$x1, q$n0 - q$x0, q$n1 - q$x1), 2)

# ---- one proportion
proportion <- function(q) {
  x <- q$x; n <- q$n; a <- (1 - q$level) / 2; z <- qnorm(1 - a); p <- x / n
  ci <- switch(q$method,
    "wald" = p + c(-1, 1) * z * sqrt(p * (1 - p) / n),
    "wald_cc" = p + c(-1, 1) * (z * sqrt(p * (1 - p) / n) + 1 / (2 * n)),
    "wilson" = prop.test(x, n, conf.level = q$level, correct = FALSE)$conf.int,
    "wilson_cc" = prop.test(x, n, conf.level = q$level, correct = TRUE)$conf.int,
    "clopper-pearson" = binom.test(x, n, conf.level = q$level)$conf.int,
    "mid-p" = {
      upper_tail <- function(t) pbinom(x, n, t, lower.tail = FALSE) + dbinom(x, n, t) / 2 - a
      lower_tail <- function(t) pbinom(x - 1, n, t) + dbinom(x, n, t) / 2 - a
      c(if (x == 0) 0 else root(upper_tail, 0, 1), if (x == n) 1 else root(lower_tail, 0, 1))
    },
    "agresti-coull" = { m <- n + z^2; s <- (x + z^2 / 2) / m; s + c(-1, 1) * z * sqrt(s * (1 - s) / m) },
    "jeffreys" = c(if (x == 0) 0 else qbeta(a, x + .5, n - x + .5), if (x == n) 1 else qbeta(1 - a, x + .5, n - x + .5)),
    "logit" = if (x == 0 || x == n) c(NaN, NaN) else plogis(qlogis(p) + c(-1, 1) * z / sqrt(n * p * (1 - p))),
    "likelihood-ratio" = {
      ll <- function(t) dbinom(x, n, t, log = TRUE)
      f <- function(t) 2 * (ll(p) - ll(t)) - z^2
      c(if (x == 0) 0 else root(f, 1e-300, p), if (x == n) 1 else root(f, p, 1 - 1e-16))
    },
    "blaker" = blaker(x, n, 2 * a))
  list(estimate = p, lower = ci[1], upper = ci[2])
}
# own: Blaker's acceptability; the outermost values with more than alpha, looked for from Clopper-Pearson inwards.
blaker <- function(x, n, alpha) {
  accept <- function(p) {
    p1 <- pbinom(x - 1, n, p, lower.tail = FALSE); p2 <- pbinom(x, n, p)
    a1 <- p1 + pbinom(qbinom(p1, n, p) - 1, n, p)
    a2 <- p2 + 1 - pbinom(qbinom(1 - p2, n, p), n, p)
    min(a1, a2)
  }
  cp <- binom.test(x, n, conf.level = 1 - alpha)$conf.int
  lower <- 0; upper <- 1; step <- 1e-6
  if (x > 0) { lower <- cp[1]; while (accept(lower + step) < alpha) lower <- lower + step }
  if (x < n) { upper <- cp[2]; while (accept(upper - step) < alpha) upper <- upper - step }
  c(lower, upper)
}
proportion_test <- function(q) {
  x <- q$x; n <- q$n; p <- q$null
  if (q$method == "score") {
    z <- (x / n - p) / sqrt(p * (1 - p) / n)
    return(list(z = z, p_value_two_sided = prop.test(x, n, p, correct = FALSE)$p.value, p_value_greater = pnorm(z, lower.tail = FALSE)))
  }
  seen <- if (q$method == "mid-p") dbinom(x, n, p) / 2 else 0
  test <- function(side) binom.test(x, n, p, alternative = side)$p.value - seen
  list(p_value_two_sided = test("two.sided"), p_value_less = test("less"), p_value_greater = test("greater"))
}

# ---- tables
pearson <- function(q) {
  m <- q$table
  t <- chisq.test(m, correct = q$yates)
  out <- list(chi_square = unname(t$statistic), df = unname(t$parameter), p_value_two_sided = t$p.value, smallest_expected = min(t$expected))
  if (q$g) { e <- t$expected; g <- 2 * sum(ifelse(m > 0, m * log(m / e), 0)); out$chi_square <- g; out$p_value_two_sided <- pchisq(g, out$df, lower.tail = FALSE) }
  out
}
fisher <- function(q) {
  m <- q$table
  out <- list(p_value_two_sided = fisher.test(m, workspace = 2e7)$p.value)
  if (all(dim(m) == 2)) {
    out$p_value_less <- fisher.test(m, alternative = "less")$p.value
    out$p_value_greater <- fisher.test(m, alternative = "greater")$p.value
    out$probability <- dhyper(m[1, 1], sum(m[, 1]), sum(m[, 2]), sum(m[1, ]))
  }
  if (q$mid_p) for (name in setdiff(names(out), "probability")) out[[name]] <- out[[name]] - out$probability / 2
  out
}
mcnemar <- function(q) {
  m <- q$table; b <- m[1, 2]; n <- b + m[2, 1]
  if (q$method %in% c("asymptotic", "corrected")) {
    t <- mcnemar.test(m, correct = q$method == "corrected")
    return(list(chi_square = unname(t$statistic), df = unname(t$parameter), p_value_two_sided = t$p.value))
  }
  if (q$method == "exact")
    return(list(p_value_two_sided = binom.test(b, n)$p.value, p_value_less = pbinom(b, n, .5), p_value_greater = pbinom(b - 1, n, .5, lower.tail = FALSE)))
  two <- pbinom(min(b, n - b), n, .5) * 2 - dbinom(b, n, .5)
  list(p_value_two_sided = if (2 * b == n) 1 - dbinom(b, n, .5) / 2 else two, p_value_less = pbinom(b, n, .5) - dbinom(b, n, .5) / 2)
}
# own for mean scores and correlation by coin; general association by mantelhaen.test.
tables_of <- function(q) aperm(q$tables, c(2, 3, 1))
cmh <- function(q) {
  a <- tables_of(q)
  if (q$association == "general" && !is.null(q$correction)) {
    t <- mantelhaen.test(a, correct = q$correction)
    return(list(chi_square = unname(t$statistic), df = unname(t$parameter), p_value_two_sided = t$p.value))
  }
  d <- as.data.frame(as.table(a)); names(d) <- c("row", "column", "stratum", "count"); d <- d[d$count > 0, ]
  d <- d[rep(seq_len(nrow(d)), d$count), ]
  d <- droplevels(d)
  if (q$association == "mean scores") d$column <- q$scores[match(as.character(d$column), LETTERS)]
  if (q$association == "correlation") { d$column <- q$scores[match(as.character(d$column), LETTERS)]; d$row <- q$rows[match(as.character(d$row), LETTERS)] }
  t <- independence_test(column ~ row | stratum, data = d, teststat = "quadratic"); chi <- unname(statistic(t)); df <- t@statistic@df
  list(chi_square = chi, p_value_two_sided = pchisq(chi, df, lower.tail = FALSE))
}
mantel <- function(q) {
  t <- mantelhaen.test(tables_of(q), conf.level = q$level)
  list(odds_ratio = unname(t$estimate), lower = t$conf.int[1], upper = t$conf.int[2])
}
homogeneity <- function(q) {
  a <- tables_of(q)
  t <- rma.mh(measure = "OR", ai = a[1, 1, ], bi = a[1, 2, ], ci = a[2, 1, ], di = a[2, 2, ], correct = FALSE, add = 0, to = "none", drop00 = FALSE)
  if (q$tarone) list(chi_square = t$TA, p_value_two_sided = t$TAp) else list(chi_square = t$BD, p_value_two_sided = t$BDp)
}
# own: the distribution of the sum of the first cells, by convolution in logarithms scaled at each odds ratio.
convolved <- function(a) {
  k <- dim(a)[3]; low <- 0; weight <- 1
  for (s in seq_len(k)) {
    m <- sum(a[1, , s]); n <- sum(a[2, , s]); t <- sum(a[, 1, s])
    lo <- max(0, t - n); hi <- min(m, t); w <- dhyper(lo:hi, m, n, t)
    new <- numeric(length(weight) + length(w) - 1)
    for (i in seq_along(w)) { at <- seq_along(weight) + i - 1; new[at] <- new[at] + weight * w[i] }
    weight <- new; low <- low + lo
  }
  list(support = low + seq_along(weight) - 1, weight = weight)
}
exact_common <- function(q) {
  a <- tables_of(q); d <- convolved(a); s <- sum(a[1, 1, ]); alpha <- (1 - q$level) / 2
  at <- function(theta) { w <- log(d$weight) + (d$support - s) * theta; w <- exp(w - max(w)); w / sum(w) }
  half <- if (q$mid_p) .5 else 1
  lower <- if (s == min(d$support)) 0 else log_root(function(t) { w <- at(t); sum(w[d$support > s]) + half * w[d$support == s] - alpha })
  upper <- if (s == max(d$support)) Inf else log_root(function(t) { w <- at(t); sum(w[d$support < s]) + half * w[d$support == s] - alpha })
  estimate <- if (s == min(d$support)) 0 else if (s == max(d$support)) Inf else log_root(function(t) sum(at(t) * d$support) - s)
  w <- at(0); off <- (1 - half) * w[d$support == s]
  list(odds_ratio = estimate, lower = lower, upper = upper,
    p_value_less = sum(w[d$support <= s]) - off, p_value_greater = sum(w[d$support >= s]) - off,
    p_value_two_sided = sum(w[w <= w[d$support == s] * (1 + 1e-7)]) - off)
}
trend <- function(q) {
  m <- q$table; n <- rowSums(m); x <- m[, 2]
  if (q$exact) {
    d <- data.frame(score = rep(rep(q$scores, 2), c(m[, 1], m[, 2])), y = factor(rep(c("a", "b"), c(sum(m[, 1]), sum(m[, 2])))))
    t <- independence_test(score ~ y, data = d, distribution = exact(algorithm = "shift", fact = 1))
    g <- independence_test(score ~ y, data = d, distribution = exact(algorithm = "shift", fact = 1), alternative = "less")
    return(list(p_value_two_sided = as.numeric(pvalue(t)), p_value_greater = as.numeric(pvalue(g))))
  }
  t <- prop.trend.test(x, n, q$scores); f <- if (q$divisor == "n") 1 else (sum(n) - 1) / sum(n)
  chi <- unname(t$statistic) * f
  list(chi_square = chi, p_value_two_sided = pchisq(chi, 1, lower.tail = FALSE))
}

# ---- two groups
wilson <- function(x, n, z) { p <- x / n; (p + z^2 / (2 * n) + c(-1, 1) * z * sqrt(p * (1 - p) / n + z^2 / (4 * n^2))) / (1 + z^2 / n) }
wilson_cc <- function(x, n, z) {
  p <- x / n; k <- 2 * (n + z^2)
  c(if (x == 0) 0 else (2 * n * p + z^2 - 1 - z * sqrt(z^2 - 2 - 1 / n + 4 * p * (n * (1 - p) + 1))) / k,
    if (x == n) 1 else (2 * n * p + z^2 + 1 + z * sqrt(z^2 + 2 - 1 / n + 4 * p * (n * (1 - p) - 1))) / k)
}
# own: the restricted maximum by a search of the likelihood's derivative, not by the cubic's closed form.
restricted <- function(x1, n1, x0, n0, d) {
  lo <- max(0, -d); hi <- min(1, 1 - d)
  if (hi - lo <= 0) return(lo)
  slope <- function(p) {
    part <- function(x, n, t) (if (x > 0) x / t else 0) - (if (n - x > 0) (n - x) / (1 - t) else 0)
    part(x1, n1, p + d) + part(x0, n0, p)
  }
  w <- hi - lo
  a <- lo; b <- hi
  for (i in 1:200) { m <- (a + b) / 2; if (m == a || m == b) break; s <- slope(m); if (is.nan(s)) break; if (s > 0) a <- m else b <- m }
  (a + b) / 2
}
score_z <- function(x1, n1, x0, n0, d, corrected) {
  p <- restricted(x1, n1, x0, n0, d); q <- p + d
  v <- max(q * (1 - q), 0) / n1 + max(p * (1 - p), 0) / n0
  if (corrected) v <- v * (n1 + n0) / (n1 + n0 - 1)
  e <- x1 / n1 - x0 / n0 - d
  c(if (abs(e) < 1e-15) 0 else e / sqrt(v), sqrt(v))
}
difference <- function(q) {
  x1 <- q$x1; n1 <- q$n1; x0 <- q$x0; n0 <- q$n0; z <- qnorm(1 - (1 - q$level) / 2); p <- x1 / n1; r <- x0 / n0; d <- p - r
  se <- sqrt(p * (1 - p) / n1 + r * (1 - r) / n0)
  newcombe <- function(f) {
    a <- f(x1, n1, z); b <- f(x0, n0, z)
    c(d - sqrt((p - a[1])^2 + (b[2] - r)^2), d + sqrt((a[2] - p)^2 + (r - b[1])^2))
  }
  score <- function(corrected) {
    f <- function(t) score_z(x1, n1, x0, n0, t, corrected)[1]
    c(if (d <= -1) -1 else root(function(t) f(t) - z, -1 + 1e-15, d), if (d >= 1) 1 else root(function(t) f(t) + z, d, 1 - 1e-15))
  }
  ci <- switch(q$method,
    "wald" = d + c(-1, 1) * z * se, "wald_cc" = d + c(-1, 1) * (z * se + (1 / n1 + 1 / n0) / 2),
    "agresti-caffo" = { a <- (x1 + 1) / (n1 + 2); b <- (x0 + 1) / (n0 + 2); a - b + c(-1, 1) * z * sqrt(a * (1 - a) / (n1 + 2) + b * (1 - b) / (n0 + 2)) },
    "newcombe" = newcombe(wilson), "newcombe_cc" = newcombe(wilson_cc),
    "hauck-anderson" = d + c(-1, 1) * (1 / (2 * min(n1, n0)) + z * sqrt(p * (1 - p) / (n1 - 1) + r * (1 - r) / (n0 - 1))),
    "miettinen-nurminen" = score(TRUE), "mee" = score(FALSE))
  list(risk_difference = d, std_err = se, lower = ci[1], upper = ci[2])
}
difference_test <- function(q) {
  x1 <- q$x1; n1 <- q$n1; x0 <- q$x0; n0 <- q$n0; d <- x1 / n1 - x0 / n0
  z <- switch(q$method,
    "farrington-manning" = score_z(x1, n1, x0, n0, q$margin, FALSE)[1],
    "miettinen-nurminen" = score_z(x1, n1, x0, n0, q$margin, TRUE)[1],
    "wald" = (d - q$margin) / sqrt(x1 / n1 * (1 - x1 / n1) / n1 + x0 / n0 * (1 - x0 / n0) / n0))
  if (q$margin == 0 && x1 + x0 == 0 || q$margin == 0 && x1 + x0 == n1 + n0) z <- NaN  # 0 / 0
  list(z = z, p_value_one_sided = pnorm(z, lower.tail = q$alternative == "less"), p_value_two_sided = 2 * pnorm(-abs(z)))
}
# own: the score statistic of a ratio; the restricted maximum by a search of the derivative in the control risk.
ratio_z <- function(x1, n1, x0, n0, theta, corrected) {
  hi <- min(1, 1 / theta)
  slope <- function(p) {
    (x1 + x0) / p - (if (n1 > x1) theta * (n1 - x1) / (1 - theta * p) else 0) - (if (n0 > x0) (n0 - x0) / (1 - p) else 0)
  }
  if (x1 + x0 == 0) return(0)
  a <- 0; b <- hi
  for (i in 1:1100) { m <- (a + b) / 2; if (m == a || m == b) break; s <- slope(m); if (is.nan(s)) break; if (s > 0) a <- m else b <- m }
  p <- (a + b) / 2; q <- theta * p
  v <- max(q * (1 - q), 0) / n1 + theta^2 * max(p * (1 - p), 0) / n0
  if (corrected) v <- v * (n1 + n0) / (n1 + n0 - 1)
  e <- x1 / n1 - theta * x0 / n0
  if (abs(e) < 1e-15) 0 else e / sqrt(v)
}
ratio <- function(q) {
  x1 <- q$x1; n1 <- q$n1; x0 <- q$x0; n0 <- q$n0; z <- qnorm(1 - (1 - q$level) / 2); rr <- (x1 / n1) / (x0 / n0)
  around <- function(x1, n1, x0, n0) log(x1 / n1 * n0 / x0) + c(-1, 1) * z * sqrt(1 / x1 - 1 / n1 + 1 / x0 - 1 / n0)
  ci <- switch(q$method,
    "log" = if (x1 && x0) exp(around(x1, n1, x0, n0)) else c(NaN, NaN),
    "adjusted-log" = exp(around(x1 + .5, n1 + .5, x0 + .5, n0 + .5)),
    {
      f <- function(t) ratio_z(x1, n1, x0, n0, exp(t), q$method == "miettinen-nurminen")
      mid <- if (x1 && x0) log(rr) else NA
      lo <- if (x1 == 0) 0 else exp(root(function(t) f(t) - z, -30, if (is.na(mid)) 30 else mid))
      hi <- if (x0 == 0) Inf else exp(root(function(t) f(t) + z, if (is.na(mid)) -30 else mid, 30))
      c(lo, hi)
    })
  list(risk_ratio = rr, lower = ci[1], upper = ci[2])
}
# own: score limits of an odds ratio, from the expected cell at that odds ratio.
odds_cell <- function(theta, n1, n0, t) {
  f <- function(a) log(a) + log(n0 - t + a) - log(n1 - a) - log(t - a) - theta
  lo <- max(0, t - n0); hi <- min(n1, t)
  a <- lo; b <- hi
  for (i in 1:300) { m <- (a + b) / 2; if (m == a || m == b) break; if (f(m) < 0) a <- m else b <- m }
  (a + b) / 2
}
odds <- function(q) {
  x1 <- q$x1; n1 <- q$n1; x0 <- q$x0; n0 <- q$n0; a <- x1; b <- n1 - x1; c0 <- x0; d <- n0 - x0; t <- x1 + x0; N <- n1 + n0
  z <- qnorm(1 - (1 - q$level) / 2)
  array3 <- array(c(a, c0, b, d), c(2, 2, 1))
  exact <- exact_common(list(tables = aperm(array3, c(3, 1, 2)), level = q$level, mid_p = q$method == "mid_p"))
  half <- function(off) {
    f <- function(theta, side) {
      e <- odds_cell(theta, n1, n0, t)
      v <- 1 / (1 / e + 1 / (n1 - e) + 1 / (t - e) + 1 / (n0 - t + e))
      if (q$method == "miettinen-nurminen") v <- v * N / (N - 1)
      (a - e - side * off) / sqrt(v) - side * z
    }
    lo <- max(0, t - n0); hi <- min(n1, t)
    c(if (a == lo) 0 else exp(root(function(s) f(s, 1), -25, 25)), if (a == hi) Inf else exp(root(function(s) f(s, -1), -25, 25)))
  }
  ci <- switch(q$method,
    "exact" = c(exact$lower, exact$upper), "mid_p" = c(exact$lower, exact$upper),
    "woolf" = if (min(a, b, c0, d) > 0) exp(log(a * d / b / c0) + c(-1, 1) * z * sqrt(1 / a + 1 / b + 1 / c0 + 1 / d)) else NULL,
    "gart" = exp(log((a + .5) * (d + .5) / (b + .5) / (c0 + .5)) + c(-1, 1) * z * sqrt(1 / (a + .5) + 1 / (b + .5) + 1 / (c0 + .5) + 1 / (d + .5))),
    "miettinen-nurminen" = half(0), "cornfield" = half(0), "cornfield_cc" = NULL)
  out <- list(odds_ratio = a * d / (b * c0), odds_ratio_conditional = exact$odds_ratio)
  if (!is.null(ci)) { out$lower <- ci[1]; out$upper <- ci[2] }
  out
}
stratified <- function(q) {
  x1 <- as.numeric(q$x1); n1 <- as.numeric(q$n1); x0 <- as.numeric(q$x0); n0 <- as.numeric(q$n0); level <- q$level; z <- qnorm(1 - (1 - level) / 2)
  w <- n1 * n0 / (n1 + n0)
  if (q$measure == "RR" || q$method %in% c("sato", "inverse-variance")) {
    if (q$method == "inverse-variance") {
      e <- escalc(measure = q$measure, ai = x1, n1i = n1, ci = x0, n2i = n0, add = 0, to = "none", drop00 = FALSE)
      t <- rma.uni(e$yi, e$vi, method = "EE", level = 100 * level)
      hom <- if (length(x1) > 1) list(homogeneity_chi_square = t$QE, homogeneity_p_value = t$QEp) else list()
    } else {
      t <- rma.mh(measure = q$measure, ai = x1, n1i = n1, ci = x0, n2i = n0, level = 100 * level, correct = FALSE, add = 0, to = "none", drop00 = FALSE)
      hom <- list()
    }
    est <- c(t$b, t$ci.lb, t$ci.ub); se <- t$se
    out <- c(list(z = unname(t$zval), p_value_two_sided = t$pval, std_err = se), hom)
    if (q$measure == "RR") return(c(out, list(risk_ratio = exp(est[1]), lower = exp(est[2]), upper = exp(est[3]))))
    return(c(out, list(risk_difference = est[1], lower = est[2], upper = est[3])))
  }
  d <- x1 / n1 - x0 / n0; W <- sum(w); est <- sum(w * d) / W
  if (q$method == "greenland-robins") {
    se <- sqrt(sum(w^2 * (x1 / n1 * (1 - x1 / n1) / n1 + x0 / n0 * (1 - x0 / n0) / n0))) / W
    return(list(risk_difference = est, std_err = se, lower = est - z * se, upper = est + z * se))
  }
  if (q$method == "newcombe") {
    side <- function(x, n) { s <- sum(w * x / n) / W; l <- sum(w^2 / W^2 / n); (s + z^2 * l / 2 + c(-1, 1) * z * sqrt(l * s * (1 - s) + z^2 * l^2 / 4)) / (1 + z^2 * l) }
    separate <- NULL
    return(list(risk_difference = est))
  }
  if (q$method == "miettinen-nurminen") {
    f <- function(t) {
      v <- mapply(function(a, b, c, e) { s <- score_z(a, b, c, e, t, TRUE)[2]; s^2 }, x1, n1, x0, n0)
      e <- sum(w * (d - t)); if (abs(e) < 1e-14) 0 else e / sqrt(sum(w^2 * v))
    }
    return(list(risk_difference = est, z = f(0), p_value_two_sided = 2 * pnorm(-abs(f(0))),
      lower = if (est <= -1) -1 else root(function(t) f(t) - z, -1 + 1e-15, est), upper = if (est >= 1) 1 else root(function(t) f(t) + z, est, 1 - 1e-15)))
  }
}

# ---- continuous
t_two <- function(q) {
  t <- switch(q$kind,
    "two" = t.test(q$b, q$a, var.equal = q$pooled, mu = q$null, conf.level = q$level),
    "paired" = t.test(q$a, q$b, paired = TRUE, mu = q$null, conf.level = q$level),
    "one" = t.test(q$a, mu = q$null, conf.level = q$level))
  list(t = unname(t$statistic), df = unname(t$parameter), std_err = t$stderr, p_value_two_sided = t$p.value, lower = t$conf.int[1], upper = t$conf.int[2],
    p_value_greater = pt(unname(t$statistic), unname(t$parameter), lower.tail = FALSE))
}
anova_one <- function(q) {
  t <- oneway.test(v ~ g, data.frame(v = q$v, g = factor(q$g)), var.equal = q$equal)
  list(f = unname(t$statistic), df = unname(t$parameter[1]), df_within = unname(t$parameter[2]), p_value_two_sided = t$p.value)
}
hodges <- function(a, b) median(outer(b, a, "-"))
rank_sum <- function(q) {
  a <- q$a; b <- q$b
  out <- list()
  if (q$method == "exact") {
    d <- data.frame(v = c(b, a), g = factor(rep(1:2, c(length(b), length(a)))))
    # coin where there are ties: exactRankTests is off (.4511 for .4780 by enumeration) where ranks are halves
    run <- function(side) if (anyDuplicated(d$v)) list(statistic = sum(rank(d$v)[seq_along(b)]) - length(b) * (length(b) + 1) / 2,
        p.value = as.numeric(pvalue(wilcox_test(v ~ g, d, distribution = exact(algorithm = "shift", fact = 2), alternative = side))))
      else wilcox.test(b, a, exact = TRUE, alternative = side)
  } else run <- function(side) wilcox.test(b, a, mu = q$null, exact = if (q$method == "normal") FALSE else NULL, correct = q$correct, alternative = side)
  t <- run("two.sided")
  out <- list(statistic = unname(t$statistic), p_value_two_sided = t$p.value, p_value_greater = run("greater")$p.value, p_value_less = run("less")$p.value, estimate = hodges(a, b))
  if (q$limits) { i <- wilcox.test(b, a, exact = TRUE, conf.int = TRUE, conf.level = q$level)$conf.int; out$lower <- i[1]; out$upper <- i[2] }
  out
}
signed_rank <- function(q) {
  x <- q$x
  if (q$method == "exact") {
    y <- x[x != 0]
    run <- function(side) if (anyDuplicated(abs(y))) list(statistic = sum(rank(abs(y))[y > 0]),
        p.value = as.numeric(pvalue(wilcoxsign_test(y ~ rep(0, length(y)), zero.method = "Wilcoxon", distribution = "exact", alternative = side))))
      else wilcox.test(y, exact = TRUE, alternative = side)
  } else run <- function(side) wilcox.test(x, exact = if (q$method == "normal") FALSE else NULL, correct = q$correct, alternative = side)
  t <- run("two.sided")
  out <- list(statistic = unname(t$statistic), p_value_two_sided = t$p.value, p_value_greater = run("greater")$p.value, p_value_less = run("less")$p.value)
  if (q$limits) { i <- wilcox.test(x, exact = TRUE, conf.int = TRUE, conf.level = q$level); out$lower <- i$conf.int[1]; out$upper <- i$conf.int[2]; out$estimate <- unname(i$estimate) }
  out
}
pratt <- function(q) {
  t <- wilcoxsign_test(q$x ~ rep(0, length(q$x)), zero.method = "Pratt", distribution = if (q$exact) "exact" else "asymptotic")
  list(p_value_two_sided = as.numeric(pvalue(t)))
}
kruskal <- function(q) {
  t <- kruskal.test(q$v, factor(q$g))
  list(chi_square = unname(t$statistic), df = unname(t$parameter), p_value_two_sided = t$p.value)
}
# own: van Elteren, ranks within strata over n + 1, as a sum of permutation statistics.
elteren <- function(q) {
  g <- factor(q$g); k <- nlevels(g); S <- numeric(k); V <- matrix(0, k, k)
  for (s in unique(q$s)) {
    at <- q$s == s; r <- rank(q$v[at]) / (sum(at) + 1); n <- sum(at)
    if (n < 2) next
    m <- model.matrix(~ 0 + g[at]); S <- S + colSums(m * (r - mean(r)))
    c0 <- crossprod(scale(m, scale = FALSE)); V <- V + c0 * var(r)
  }
  keep <- 2:k
  chi <- drop(t(S[keep]) %*% qr.solve(V[keep, keep, drop = FALSE], S[keep]))
  list(chi_square = chi, df = k - 1, p_value_two_sided = pchisq(chi, k - 1, lower.tail = FALSE))
}
correlate <- function(q) {
  t <- cor.test(q$x, q$y, method = q$method, exact = FALSE, conf.level = q$level)
  out <- list(estimate = unname(t$estimate), p_value_two_sided = t$p.value)
  if (q$method == "pearson") { out$t <- unname(t$statistic); if (length(q$x) > 3) { out$lower <- t$conf.int[1]; out$upper <- t$conf.int[2] } }
  if (q$method == "kendall") out$z <- unname(t$statistic)
  if (q$method == "spearman") {
    # cor.test gets its t from a rounded sum of squared rank differences; the t of the correlation itself has all digits
    if (abs(out$estimate) > 1 - 1e-14) out$estimate <- sign(out$estimate)
    out$t <- out$estimate * sqrt((length(q$x) - 2) / (1 - out$estimate^2))
    out$p_value_two_sided <- 2 * pt(-abs(out$t), length(q$x) - 2)
  }
  out
}
describe <- function(q) {
  v <- q$v; u <- unname(quantile(v, c(.25, .5, .75), type = q$type))
  list(mean = mean(v), sd = sd(v), q1 = u[1], median = median(v), q3 = u[3], minimum = min(v), maximum = max(v))
}

# ---- logistic
glm_at <- function(x, y, w, off = NULL) {
  f <- glm.fit(x, y, w, offset = off, family = binomial(), control = list(epsilon = 1e-15, maxit = 100))
  mu <- f$fitted.values
  f$covariance <- chol2inv(chol(crossprod(x * sqrt(w * mu * (1 - mu)))))
  f
}
# Newton with halved steps: glm.fit runs away where a coefficient is held far from its estimate.
highest <- function(x, y, w, off, b) {
  ll <- function(b) { e <- drop(x %*% b) + off; sum(w * (y * e - ifelse(e > 0, e + log1p(exp(-e)), log1p(exp(e))))) }
  now <- ll(b)
  for (i in 1:200) {
    mu <- plogis(drop(x %*% b) + off); s <- solve(crossprod(x * sqrt(w * mu * (1 - mu))) , crossprod(x, w * (y - mu))); k <- 1
    while ((new <- ll(b + k * drop(s))) < now && k > 1e-12) k <- k / 2
    b <- b + k * drop(s); if (new - now < 1e-14 * abs(now)) break; now <- new
  }
  ll(b)
}
logit_ll <- function(f, y, w) sum(w * (y * log(f$fitted.values) + (1 - y) * log1p(-f$fitted.values)))
logistic <- function(q) {
  x <- cbind(1, as.matrix(q$x)); y <- q$y; w <- if (is.null(q$w)) rep(1, length(y)) else q$w; off <- q$offset
  keep <- w > 0
  f <- glm_at(x, y, w, off); null <- glm_at(x[, 1, drop = FALSE], y, w, off)
  z <- qnorm(1 - (1 - q$level) / 2); se <- sqrt(diag(f$covariance)); b <- f$coefficients
  mu0 <- null$fitted.values; info <- crossprod(x * sqrt(w * mu0 * (1 - mu0))); u <- crossprod(x, w * (y - mu0))
  k <- ncol(x) - 1
  # scaled, since solve() refuses covariates of 1e-5 beside an intercept
  form <- function(v, m) { s <- 1 / sqrt(diag(m)); drop(t(v * s) %*% solve(m * outer(s, s), v * s)) }
  out <- list(coefficients = b, std_err = se, lower = exp(b - z * se), upper = exp(b + z * se), log_likelihood = logit_ll(f, y, w), log_likelihood_null = logit_ll(null, y, w),
    aic = -2 * logit_ll(f, y, w) + 2 * (k + 1), score = form(u, info),
    wald = form(b[-1], f$covariance[-1, -1, drop = FALSE]), likelihood_ratio = 2 * (logit_ll(f, y, w) - logit_ll(null, y, w)))
  if (q$roc && length(unique(y)) == 2) {
    r <- roc(y, f$linear.predictors, quiet = TRUE, direction = "<", levels = c(0, 1)); i <- ci.auc(r, conf.level = q$level, method = "delong")
    out$auc <- as.numeric(r$auc); out$auc_lower <- i[1]; out$auc_upper <- i[3]
  }
  if (q$roc && length(y) >= 30) {
    # own: the groups of ResourceSelection's hoslem.test, those without subjects left out
    p <- round(f$fitted.values, 13); cuts <- unique(quantile(p, seq(0, 1, .1), names = FALSE))
    if (length(cuts) > 3) {
      g <- cut(p, cuts, include.lowest = TRUE); n <- table(g); o <- tapply(y, g, sum)[n > 0]; e <- tapply(p, g, sum)[n > 0]; n <- n[n > 0]
      if (length(n) > 2) out$hosmer <- sum((o - e)^2 / (e * (1 - e / n)))
    }
  }
  if (q$profile) {
    target <- logit_ll(f, y, w) - qchisq(q$level, 1) / 2
    for (j in seq_len(ncol(x))) {
      g <- function(t) highest(x[, -j, drop = FALSE], y, w, (if (is.null(off)) 0 else off) + x[, j] * t, b[-j] - drop(qr.coef(qr(x[, -j, drop = FALSE]), x[, j])) * (t - b[j])) - target
      far <- se[j]; while (g(b[j] - far) > 0 && far < 1e3 * se[j]) far <- far * 1.5
      lo <- uniroot(g, c(b[j] - far, b[j]), tol = 1e-13)$root
      far <- se[j]; while (g(b[j] + far) > 0 && far < 1e3 * se[j]) far <- far * 1.5
      hi <- uniroot(g, c(b[j], b[j] + far), tol = 1e-13)$root
      out$profile_lower <- c(out$profile_lower, lo); out$profile_upper <- c(out$profile_upper, hi)
    }
  }
  out
}
firth <- function(q) {
  x <- cbind(1, as.matrix(q$x)); d <- list(y = q$y, x = x)
  f <- brglmFit(x, q$y, family = binomial(), control = list(type = "AS_mean", epsilon = 1e-13, maxit = 10000, slowit = .5))
  b <- f$coefficients; mu <- plogis(drop(x %*% b)); v <- solve(crossprod(x * sqrt(mu * (1 - mu))))
  list(coefficients = unname(b), std_err = unname(sqrt(diag(v))))
}
conditional <- function(q) {
  d <- data.frame(y = q$y, x = q$x, s = q$s)
  f <- coxph(Surv(rep(1, nrow(d)), y) ~ x + strata(s), d, ties = "exact", control = coxph.control(eps = 1e-13, iter.max = 50))
  list(coefficients = unname(f$coefficients), std_err = sqrt(drop(f$var)))
}

# ---- selection: own backward elimination with the public fitters
backward <- function(q) {
  d <- as.data.frame(q$data, stringsAsFactors = TRUE)
  d <- d[complete.cases(d[, q$terms]), ]
  left <- q$terms; gone <- character(0); ps <- numeric(0)
  fit <- function(terms) if (q$kind == "cox") {
    f <- coxph(as.formula(paste("Surv(time, event) ~", paste(terms, collapse = "+"))), d, ties = q$ties, x = TRUE, control = coxph.control(eps = 1e-12, iter.max = 100)); list(b = coef(f), v = f$var, ll = f$loglik[2], a = f$assign)
  } else {
    f <- glm(as.formula(paste("event ~", paste(terms, collapse = "+"))), binomial(), d, control = list(epsilon = 1e-15, maxit = 100))
    f2 <- update(f, start = coef(f)); list(b = coef(f), v = vcov(f2), ll = as.numeric(logLik(f)), a = { a <- attr(model.matrix(f), "assign"); split(seq_along(a), factor(a, labels = c("0", terms)))[-1] })
  }
  repeat {
    f <- fit(left)
    p <- sapply(left, function(t) { at <- f$a[[t]]; pchisq(drop(f$b[at] %*% solve(f$v[at, at, drop = FALSE], f$b[at])), length(at), lower.tail = FALSE) })
    if (max(p) <= q$stay || length(left) == 1) break
    out <- which.max(p); gone <- c(gone, left[out]); ps <- c(ps, p[[out]]); left <- left[-out]
  }
  list(selected = paste(left, collapse = "+"), removed = paste(gone, collapse = "+"), last_p = unname(p), removed_p = ps, log_likelihood = f$ll)
}

# ---- multivariate normal: up to three variables by TVPACK over the corners of the box, then Genz and Bretz's sampling
normal <- function(q) {
  R <- q$r; k <- length(q$upper); low <- if (is.null(q$lower)) rep(-Inf, k) else q$lower
  if (k == 1) return(list(p = pnorm(q$upper) - pnorm(low)))
  if (k > 3) { set.seed(1); return(list(p = as.numeric(pmvnorm(low, q$upper, corr = R, algorithm = GenzBretz(maxpts = 2e6, abseps = 1e-7))))) }
  corners <- expand.grid(rep(list(if (is.null(q$lower)) 1 else 1:2), k)); p <- 0
  for (i in seq_len(nrow(corners))) {
    at <- unlist(corners[i, ]); u <- ifelse(at == 1, q$upper, low)
    p <- p + (-1)^sum(at == 2) * as.numeric(pmvnorm(rep(-Inf, k), u, corr = R, algorithm = TVPACK(1e-14)))
  }
  list(p = p)
}

# ---- data sets of R packages, as they come
real <- function(q) {
  bcg <- metadat::dat.bcg; collins <- metadat::dat.collins1985a; yusuf <- metadat::dat.yusuf1985; 
  four <- function(d, a, b, c, e) { k <- complete.cases(d[, c(a, b, c, e)]); list(x1 = d[[a]][k], n1 = d[[b]][k], x0 = d[[c]][k], n0 = d[[e]][k]) }
  bcg$n1 <- bcg$tpos + bcg$tneg; bcg$n0 <- bcg$cpos + bcg$cneg
  data("birthwt", "Pima.tr", "cabbages", "quine", "immer", "cats", package = "MASS"); data("jobsatisfaction", "alpha", "glioma", "alzheimer", package = "coin")
  data("Arthritis", package = "vcd")
  frame <- function(d, y, x) { d <- d[complete.cases(d[, c(y, x)]), ]; list(y = as.numeric(d[[y]]), x = lapply(d[, x, drop = FALSE], as.numeric), names = x) }
  values <- function(v, g) { k <- !is.na(v) & !is.na(g); list(v = as.numeric(v[k]), g = as.character(g[k])) }
  rotterdam <- survival::rotterdam; gbsg <- survival::gbsg; retinopathy <- survival::retinopathy
  infert$y <- infert$case; esophagus <- xtabs(cbind(ncases, ncontrols) ~ agegp, esoph)
  list(
    tables = lapply(list(aperm(UCBAdmissions, c(3, 2, 1)), aperm(HairEyeColor, c(3, 1, 2)), aperm(HairEyeColor, c(1, 3, 2)),
      aperm(jobsatisfaction, c(3, 1, 2)), aperm(apply(Titanic, c(1, 2, 4), sum), c(1, 2, 3)), aperm(apply(Titanic, c(1, 3, 4), sum), c(1, 2, 3)),
      aperm(xtabs(~ Treatment + Improved + Sex, Arthritis), c(3, 1, 2)), aperm(xtabs(~ smoke + low + race, birthwt), c(3, 1, 2)),
      aperm(xtabs(~ hormon + death + meno, rotterdam), c(3, 1, 2)), aperm(xtabs(~ disease + smoking + gender, alzheimer), c(3, 1, 2)),
      aperm(xtabs(~ trt + status + type, retinopathy), c(3, 1, 2)), array(esophagus, c(1, dim(esophagus)))), function(a) array(as.numeric(a), dim(a))),
    trials = list(four(bcg, "tpos", "n1", "cpos", "n0"), four(collins, "b.xti", "nti", "b.xci", "nci"), four(yusuf, "ai", "n1i", "ci", "n2i")),
    models = list(frame(birthwt, "low", c("age", "lwt", "smoke", "ptl", "ht", "ui")), frame(infert, "y", c("age", "parity", "induced", "spontaneous")),
      frame(transform(MASS::Pima.tr, y = type == "Yes"), "y", c("npreg", "glu", "bp", "skin", "bmi", "ped", "age")),
      frame(rotterdam, "recur", c("age", "nodes", "pgr", "er", "hormon", "chemo", "grade")), frame(gbsg, "status", c("age", "size", "nodes", "pgr", "er", "hormon")),
      frame(mtcars, "am", c("wt")), frame(mtcars, "vs", c("qsec")), frame(boot::nodal, "r", c("aged", "stage", "grade", "xray", "acid")), frame(retinopathy, "status", c("age", "trt", "risk"))),
    samples = list(values(airquality$Ozone, airquality$Month), values(ToothGrowth$len, ToothGrowth$supp), values(ToothGrowth$len, ToothGrowth$dose), values(chickwts$weight, chickwts$feed),
      values(InsectSprays$count, InsectSprays$spray), values(warpbreaks$breaks, warpbreaks$wool), values(PlantGrowth$weight, PlantGrowth$group), values(birthwt$bwt, birthwt$smoke),
      values(quine$Days, quine$Eth), values(alpha$elevel, alpha$alength), values(cats$Hwt, cats$Sex), values(rotterdam$pgr, rotterdam$hormon), values(gbsg$nodes, gbsg$meno), values(iris$Sepal.Width, iris$Species)),
    pairs = list(list(x = sleep$extra[1:10], y = sleep$extra[11:20]), list(x = immer$Y1, y = immer$Y2), list(x = as.numeric(anscombe$x1), y = anscombe$y1), list(x = cars$speed, y = cars$dist),
      list(x = faithful$eruptions, y = faithful$waiting), list(x = as.numeric(women$height), y = as.numeric(women$weight)), list(x = attitude$rating, y = attitude$complaints), list(x = boot::darwin$y, y = rep(0, 15))))
}

handlers <- list(real = real, proportion = proportion, proportion_test = proportion_test, pearson = pearson, fisher = fisher, mcnemar = mcnemar,
  cmh = cmh, mantel = mantel, homogeneity = homogeneity, exact_common = exact_common, trend = trend, difference = difference,
  difference_test = difference_test, ratio = ratio, odds = odds, stratified = stratified, t = t_two, anova = anova_one,
  rank_sum = rank_sum, signed_rank = signed_rank, pratt = pratt, kruskal = kruskal, elteren = elteren, correlate = correlate,
  describe = describe, logistic = logistic, firth = firth, conditional = conditional, backward = backward, normal = normal)

arguments <- commandArgs(TRUE)
requests <- fromJSON(arguments[1], simplifyDataFrame = FALSE)
answers <- lapply(requests, function(q) tryCatch(handlers[[q$f]](q), error = function(e) list(failed = conditionMessage(e))))
write_json(answers, arguments[2], digits = NA, auto_unbox = TRUE, na = "string", null = "null")
