# Mixture cure models, sourced by parametric.R: the likelihood as the papers write it, optim, and fourth-order differences.
cure_case <- function(id, file, d, time, event, group, distribution, latency, boundary = FALSE) {
  t <- d[[time]]; e <- d[[event]]; g <- factor(if (is.null(group)) rep("all", nrow(d)) else d[[group]]); k <- nlevels(g); gi <- as.integer(g)
  sets <- if (latency == "separate") k else 1; li <- if (sets == 1) rep(1, length(t)) else gi; weibull <- distribution == "weibull"
  minus <- function(th, tied = FALSE) { m <- if (tied) 1 else k
    p <- plogis(th[1:m])[if (tied) rep(1, length(t)) else gi]; s <- exp(th[m + li]); a <- if (weibull) exp(th[m + sets + li]) else 1
    h <- (t / s)^a; -sum(ifelse(e == 1, log1p(-p) + log(a) + (a - 1) * log(t) - a * log(s) - h, log(p + (1 - p) * exp(-h)))) }
  best <- function(f, start) { o <- list(par = start); for (i in 1:6) o <- optim(o$par, f, method = if (i %% 2) "Nelder-Mead" else "BFGS", control = list(reltol = 1e-16, maxit = 5000)); for (i in 1:4) { v <- derivatives(f, o$par); o$par <- o$par - solve(v$hessian, v$gradient) }; o$value <- f(o$par); o }
  derivatives <- function(f, x, h = 2e-3) { n <- length(x); c4 <- c(1, -8, 8, -1) / 12; at <- c(-2, -1, 1, 2); one <- function(i, s) { y <- x; y[i] <- y[i] + s * h; y }
    gradient <- sapply(1:n, function(i) sum(c4 * sapply(at, function(s) f(one(i, s)))) / h)
    hessian <- matrix(0, n, n); for (i in 1:n) for (j in i:n) { v <- 0; for (a in 1:4) for (b in 1:4) { y <- x; y[i] <- y[i] + at[a] * h; y[j] <- y[j] + at[b] * h; v <- v + c4[a] * c4[b] * f(y) }; hessian[i, j] <- hessian[j, i] <- v / h^2 }
    list(gradient = gradient, hessian = hessian) }
  start <- c(rep(0, k), rep(log(mean(t[e == 1])), sets), if (weibull) rep(0, sets)); o <- best(minus, start); se <- sqrt(diag(solve(derivatives(minus, o$par)$hessian))); p <- plogis(o$par[1:k]); z <- qnorm(.975)
  wide <- function(x) I(if (sets == 1) rep(x, k) else x)
  values <- list(cure_fraction = I(p), std_err = I(se[1:k] * p * (1 - p)), lower = I(plogis(o$par[1:k] - z * se[1:k])), upper = I(plogis(o$par[1:k] + z * se[1:k])), scale = wide(exp(o$par[k + 1:sets])), log_scale_std_err = wide(se[k + 1:sets]), log_likelihood = -o$value, aic = 2 * (length(start) + o$value))
  if (weibull) values <- c(values, list(shape = wide(exp(o$par[k + sets + 1:sets])), log_shape_std_err = wide(se[k + sets + 1:sets])))
  if (k > 1) { tied <- best(function(th) minus(th, TRUE), start[-(2:k)]); values <- c(values, list("equal_cure.chi_square" = 2 * (tied$value - o$value), "equal_cure.p_value_two_sided" = pchisq(2 * (tied$value - o$value), k - 1, lower.tail = FALSE))) }
  else { none <- survreg(Surv(t, e) ~ 1, dist = distribution, control = list(rel.tolerance = 1e-13, maxiter = 100)); values <- c(values, list("no_cure.chi_square" = 2 * (-o$value - none$loglik[2]))) }
  arguments <- c(list(time = time, event = event, distribution = distribution, latency = latency), if (!is.null(group)) list(group = group))
  add(paste0("cure, ", id, ", ", distribution, ", ", latency), "mixture_cure", "optim", values, c(arguments, list(interval = "logit")), data = file, tolerance = 1e-6, reason = "optim iterates; second derivatives by differences")
  if (k == 1) { profile <- function(eta) { f <- function(th) minus(c(eta, th)); x <- if (weibull) best(f, o$par[-1])$value else optimize(f, o$par[2] + c(-1, 1), tol = 1e-10)$objective; x - o$value - qchisq(.95, 1) / 2 }
    low <- if (profile(-30) < 0) -Inf else uniroot(profile, c(min(o$par[1] - 2 * z * se[1], -30), o$par[1]), tol = 1e-11)$root; high <- uniroot(profile, c(o$par[1], o$par[1] + 3 * z * se[1]), tol = 1e-11)$root
    add(paste0("cure, profile limits, ", id, ", ", distribution), "mixture_cure", "optim", list(lower = I(plogis(low)), upper = I(plogis(high))), arguments, data = file, tolerance = 1e-6, reason = "optim iterates") }
}
for (distribution in c("exponential", "weibull")) {
  cure_case("colon recurrence", "colon_recurrence", recurrence, "time", "status", NULL, distribution, "common")
  cure_case("melanoma", "melanoma_death", melanoma, "time", "dead", NULL, distribution, "common")
  for (latency in c("common", "separate")) cure_case("colon recurrence by arm", "colon_recurrence", recurrence, "time", "status", "rx", distribution, latency)
}
cure_case("melanoma by sex", "melanoma_death", melanoma, "time", "dead", "sex", "exponential", "common")
