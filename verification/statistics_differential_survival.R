# The R side of statistics_differential_survival.py, which calls it:
#   Rscript statistics_differential_survival.R data FOLDER         writes data sets of R packages as CSV
#   Rscript statistics_differential_survival.R cases IN.json OUT.json   answers drawn cases
# Where no package has a statistic, it is written out here from its definition, one event time after the other.
suppressMessages({ library(survival); library(cmprsk) })
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)))
source(file.path(here, "evidence", "json.R"))
C <- suppressWarnings(coxph.control(eps = 1e-14, toler.chol = 1e-13, iter.max = 60))  # its warning of the order of the two is known
v <- function(x) I(unname(as.vector(x)))

# --- Data sets under common names of columns
real <- function(folder) {
  put <- function(name, d) { d <- d[complete.cases(d[, setdiff(names(d), "wait"), drop = FALSE]), ]; write.csv(d, file.path(folder, paste0(name, ".csv")), row.names = FALSE, na = "") }
  frame <- function(time, event, group, strata, x1, x2, x3, ...) data.frame(time = as.numeric(time), event = as.numeric(event), group = paste0("g", as.integer(factor(group))), strata = paste0("s", as.integer(factor(strata))), x1 = as.numeric(x1), x2 = as.numeric(x2), x3 = as.numeric(x3), ...)
  attempt <- function(name, expression) tryCatch(put(name, expression), error = function(e) message(name, ": ", conditionMessage(e)))
  s <- survival::cgd; attempt("cgd", with(s, frame(tstop, status, treat, hos.cat, age, weight, steroids, entry = tstart, cluster = id)))
  s <- survival::retinopathy; attempt("retinopathy", with(s, frame(futime, status, trt, laser, age, risk, type == "adult", cluster = id)))
  s <- survival::diabetic; attempt("diabetic", with(s, frame(time, status, trt, laser, age, risk, eye == "left", cluster = id)))
  s <- survival::gbsg; attempt("gbsg", with(s, frame(rfstime, status, hormon, grade, age, nodes, log(pgr + 1))))
  s <- survival::rotterdam; attempt("rotterdam", with(s, frame(pmin(dtime, rtime), pmax(death, recur), chemo, size, age, nodes, hormon, cause = ifelse(recur == 1, 1, ifelse(death == 1, 2, 0)))))
  s <- survival::myeloid; attempt("myeloid", with(s, frame(futime, death, trt, sex, as.numeric(sex == "f"), id, is.na(crtime), wait = ifelse(!is.na(txtime) & txtime <= futime, txtime, NA))))
  s <- survival::transplant; attempt("transplant", with(s, frame(futime, event != "censored", sex, abo, age, year, sex == "m", cause = ifelse(event == "ltx", 1, ifelse(event == "death", 2, ifelse(event == "withdraw", 3, 0))))))
  s <- survival::nafld1; attempt("nafld1", with(s, frame(futime, status, male, age > 60, age, weight, height)))
  s <- survival::flchain; attempt("flchain", with(s, frame(futime, death, sex, mgus, age, kappa, log(lambda))))
  s <- survival::udca; attempt("udca", with(s, frame(as.numeric(pmin(last.dt, death.dt, tx.dt, na.rm = TRUE) - entry.dt), !is.na(death.dt) | !is.na(tx.dt), trt, stage, log(bili), riskscore, stage)))
  s <- survival::mgus; attempt("mgus", with(s, frame(futime, death, sex, age > 65, age, hgb, mspike)))
  s <- survival::nwtco; attempt("nwtco", with(s, frame(edrel, rel, histol, study, age, stage, instit)))
  s <- survival::myeloma; attempt("myeloma", with(s, frame(futime, death, year > 1980, year %% 3, year, id, entry, entry = entry)))
  s <- survival::leukemia; attempt("leukemia", with(s, frame(time, status, x, 1, seq_along(time) %% 5, time %% 3, x == "Maintained")))
  s <- survival::tobin; attempt("tobin", with(s, frame(durable, durable > 0, quant > 250, 1, age, quant, age^2)))
  s <- survival::rhDNase; attempt("rhDNase", with(s, frame(as.numeric(end.dt - entry.dt), !is.na(ivstart) & ivstart > 0, trt, inst %% 4, fev, trt, fev^2)))
  s <- survival::bladder1; attempt("bladder1", with(subset(s, stop > start), frame(stop, status == 1, treatment, enum > 2, number, size, recur, entry = start, cluster = id)))
  s <- survival::rats2; attempt("rats2", with(subset(s, time2 > time1), frame(time2, status, trt, 1, id, trt, time1, entry = time1, cluster = id)))
  s <- survival::jasa; attempt("jasa", with(subset(s, futime >= 0), frame(futime, fustat, surgery, transplant, age, surgery, as.numeric(accept.dt) / 365, wait = ifelse(!is.na(wait.time) & wait.time <= futime, wait.time, NA))))
  more <- function(package, name) { e <- new.env(); tryCatch(utils::data(list = name, package = package, envir = e), warning = function(w) NULL, error = function(e) NULL); e[[name]] }
  if (!is.null(s <- more("timereg", "TRACE"))) attempt("TRACE", with(s, frame(round(time * 365.25), status != 0, diabetes, chf, age, wmi, sex, cause = ifelse(status == 9, 1, ifelse(status == 0, 0, 2)))))
  if (!is.null(s <- more("timereg", "csl"))) attempt("csl", with(s[!duplicated(s$id), ], frame(eventT, dc, treat, sex, age, prot, prot.base)))
  if (!is.null(s <- more("timereg", "bmt"))) attempt("bmt", with(s, frame(time, cause != 0, tcell, platelet, age, platelet, tcell, cause = cause)))
  if (!is.null(s <- more("coin", "glioma"))) attempt("glioma", with(s, frame(time, event, group, histology, age, sex == "Male", histology == "GBM")))
  if (!is.null(s <- more("coin", "GTSG"))) attempt("GTSG", with(s, frame(time, event, group, 1, time %% 7, time %% 2, group == levels(group)[1])))
  if (!is.null(s <- more("coin", "photocar"))) attempt("photocar", with(s, frame(time, event, group, dmin > 12, ntumor, dmin, group == levels(group)[1])))
  if (!is.null(s <- more("coin", "ocarcinoma"))) attempt("ocarcinoma", with(s, frame(time, event, stadium, 1, time %% 11, time %% 2, time %% 3)))
  if (!is.null(s <- more("MASS", "gehan"))) attempt("gehan", with(s, frame(time, cens, treat, pair %% 2, pair, time %% 3, treat == "control", cluster = pair)))
  if (!is.null(s <- more("MASS", "VA"))) attempt("VA", with(s, frame(stime, status, treat, cell, age, Karn, diag.time)))
  if (!is.null(s <- more("MASS", "Aids2"))) attempt("Aids2", with(s, frame(death - diag, status == "D", sex, state, age, diag / 1000, T.categ == "blood")))
  if (!is.null(s <- more("MASS", "leuk"))) attempt("leuk", with(s, frame(time, 1, ag, 1, log(wbc), wbc, ag == "present")))
  if (!is.null(s <- more("boot", "channing"))) attempt("channing", with(subset(s, exit > entry), frame(exit, cens, sex, entry > 900, entry, sex == "Male", time, entry = entry)))
  if (!is.null(s <- more("boot", "cd4"))) attempt("remission", with(more("boot", "remission"), frame(LI * 100, r, r, 1, LI, m, m * LI)))
  if (!is.null(s <- more("Epi", "diet"))) attempt("diet", with(s, frame(round(as.numeric(dox - doe)), chd, energy.grp, job, energy, height, weight)))
  if (!is.null(s <- more("Epi", "nickel"))) attempt("nickel", with(s, frame(ageout, icd %in% c(162, 163), exposure > 0, dob > 1890, age1st, exposure, dob, entry = agein, cause = ifelse(icd %in% c(162, 163), 1, ifelse(icd > 0, 2, 0)))))
  if (!is.null(s <- more("etm", "fourD"))) attempt("fourD", with(s, frame(time, status != 0, medication, sex, age, sex == "male", sex == "male", cause = status)))
  if (!is.null(s <- more("etm", "abortion"))) attempt("abortion", with(subset(s, exit > entry), frame(exit, 1, group, 1, exit %% 3, group, exit %% 2, entry = entry, cause = cause)))
  if (!is.null(s <- more("riskRegression", "Paquid"))) attempt("Paquid", with(s, frame(time, status != 0, DSST > 25, MMSE > 25, DSST, MMSE, DSST > 25, cause = status)))
}

# --- Helpers
surv <- function(d, o) if (isTRUE(o$entry)) Surv(d$entry, d$time, d$event) else Surv(d$time, d$event)
curve <- function(f) { s <- summary(f, censored = TRUE); list(time = v(s$time), n_at_risk = v(s$n.risk), n_events = v(s$n.event), n_censored = v(s$n.censor), survival = v(s$surv), std_err = v(s$std.err), lower = v(s$lower), upper = v(s$upper)) }
level <- function(o) if (is.null(o$level)) 0.95 else o$level
fits <- function(d, o) survfit(surv(d, o) ~ 1, conf.type = if (is.null(o$interval)) "log-log" else o$interval, conf.int = level(o))
readings <- function(f, p) { q <- quantile(f, p); list(quantile = v(q$quantile), quantile_lower = v(q$lower), quantile_upper = v(q$upper)) }

answers <- list()
answers$kaplan_meier <- function(d, o) {
  a <- list(formula = surv(d, o) ~ 1, conf.type = o$interval, conf.int = level(o))
  if (identical(o$weight, "frequency")) { a$weights <- d$count; a$robust <- FALSE }
  if (identical(o$weight, "sampling")) { a$weights <- d$weight; a$robust <- TRUE }
  if (isTRUE(o$cluster)) a$cluster <- d$cluster else if (isTRUE(a$robust)) a$cluster <- seq_len(nrow(d))
  f <- do.call(survfit, a)
  t <- summary(f)$table; out <- c(curve(f), readings(f, c(.25, .75)), list(median = t[["median"]], median_lower = t[[length(t) - 1]], median_upper = t[[length(t)]]))
  times <- o$at[o$at <= max(f$time)]
  if (length(times)) { s <- summary(f, times = times); out <- c(out, list(at_survival = v(s$surv), at_std_err = v(s$std.err), at_lower = v(s$lower))) }
  out
}
answers$reverse_kaplan_meier <- function(d, o) { d$event <- 1 - d$event; f <- fits(d, o); t <- summary(f)$table; c(curve(f), list(median = t[["median"]], median_lower = t[[length(t) - 1]], median_upper = t[[length(t)]])) }
answers$observed_follow_up <- function(d, o) { q <- quantile(d$time, c(0, .25, .5, .75, 1)); list(minimum = q[[1]], q1 = q[[2]], median = q[[3]], q3 = q[[4]], maximum = q[[5]]) }
answers$survival_curves <- function(d, o) { f <- survfit(surv(d, o) ~ d$group, conf.type = o$interval, conf.int = level(o)); q <- quantile(f, .5); c(curve(f), list(median = v(q$quantile), median_lower = v(q$lower), median_upper = v(q$upper))) }
answers$nelson_aalen <- function(d, o) {
  f <- survfit(surv(d, o) ~ 1, stype = 2, ctype = if (o$ties == "aalen") 1 else 2, conf.type = if (o$interval == "log") "log-log" else "log", conf.int = level(o))
  out <- list(time = v(f$time), cumulative_hazard = v(f$cumhaz))
  if (o$variance == "aalen") { out$std_err <- v(f$std.chaz); out$survival <- v(f$surv); out$survival_lower <- v(f$lower); out$survival_upper <- v(f$upper) }
  else { n <- f$n.risk; e <- f$n.event; part <- if (o$variance == "klein") ifelse(n == 1, 0, e * (n - e) / (n^2 * (n - 1))) else e * (n - e) / n^3; out$std_err <- v(sqrt(cumsum(part))) }
  out
}
answers$log_log_curves <- function(d, o) { f <- survfit(Surv(time, event) ~ group, d); g <- rep(names(f$strata), f$strata); k <- f$n.event > 0 & f$surv > 0 & f$surv < 1 & f$time > 0; list(time = v(f$time[k]), value = v(log(-log(f$surv[k])))) }
answers$restricted_mean <- function(d, o) { f <- survfit(Surv(time, event) ~ 1, d); t <- summary(f, rmean = o$until)$table; list(restricted_mean = t[["rmean"]], std_err = t[["se(rmean)"]]) }
answers$restricted_mean_difference <- function(d, o) {
  one <- function(g) { t <- summary(survfit(Surv(time, event) ~ 1, d[d$group == g, ]), rmean = o$until)$table; c(t[["rmean"]], t[["se(rmean)"]]) }
  a <- one(o$groups[1]); b <- one(o$groups[2]); q <- qnorm((1 + level(o)) / 2); e <- sqrt(a[2]^2 + b[2]^2); x <- b[1] - a[1]
  r <- sqrt((a[2] / a[1])^2 + (b[2] / b[1])^2); l <- c(o$until - a[1], o$until - b[1]); s <- sqrt((a[2] / l[1])^2 + (b[2] / l[2])^2)
  list(restricted_mean = v(c(a[1], b[1])), std_err = v(c(a[2], b[2])), difference = x, difference_std_err = e, difference_lower = x - q * e, difference_upper = x + q * e, z = x / e, p_value_two_sided = 2 * pnorm(-abs(x / e)), ratio = b[1] / a[1], ratio_lower = b[1] / a[1] * exp(-q * r), ratio_upper = b[1] / a[1] * exp(q * r), time_lost_ratio = l[2] / l[1], time_lost_ratio_lower = l[2] / l[1] * exp(-q * s))
}
answers$milestone_difference <- function(d, o) {
  one <- function(g) { s <- summary(survfit(Surv(time, event) ~ 1, d[d$group == g, ], conf.type = o$interval), times = o$at); c(s$surv, s$std.err, s$n.risk) }
  a <- one(o$groups[1]); b <- one(o$groups[2]); if (length(a) != 3 || length(b) != 3) stop("beyond the follow-up")
  scale <- function(s, e) switch(o$transform, plain = c(s, e), log = c(log(s), e / s), `log-log` = c(-log(-log(s)), e / (s * -log(s))), logit = c(log(s / (1 - s)), e / (s * (1 - s))), arcsin = c(asin(sqrt(s)), e / (2 * sqrt(s * (1 - s)))))
  x <- scale(a[1], a[2]); y <- scale(b[1], b[2]); z <- (y[1] - x[1]) / sqrt(x[2]^2 + y[2]^2)
  list(survival = v(c(a[1], b[1])), n_at_risk = v(c(a[3], b[3])), difference = v(b[1] - a[1]), difference_std_err = v(sqrt(a[2]^2 + b[2]^2)), z = v(z), chi_square = v(z^2))
}

# --- Tests by their definition: one table for each event time of each stratum
tables <- function(d, o) {
  out <- list(); e <- if (isTRUE(o$entry)) d$entry else rep(0, nrow(d)); s <- if (isTRUE(o$strata)) d$strata else rep("", nrow(d))
  for (one in unique(s)) { k <- s == one; km <- 1; km1 <- 1
    for (t in sort(unique(d$time[k & d$event == 1]))) {
      r <- k & d$time >= t & (e < t | e == 0); hit <- k & d$time == t & d$event == 1
      n <- sum(r); m <- sum(hit); km1 <- km1 * (1 - m / (n + 1))
      out[[length(out) + 1]] <- list(t = t, s = one, n = n, d = m, ng = sapply(o$groups, function(g) sum(r & d$group == g)), dg = sapply(o$groups, function(g) sum(hit & d$group == g)), before = km, prentice = km1)
      km <- km * (1 - m / n) } }
  out
}
weigh <- function(tb, weight, rho = 0, gamma = 0, until = NULL, smallest = NULL) sapply(tb, function(x) switch(weight, `log-rank` = 1, gehan = x$n, `tarone-ware` = sqrt(x$n), `fleming-harrington` = x$before^rho * (1 - x$before)^gamma, `peto-prentice` = x$prentice, `modified-peto-prentice` = x$prentice * x$n / (x$n + 1),
  `modestly-weighted` = { floor <- if (!is.null(smallest)) smallest else { past <- Filter(function(y) y$s == x$s && y$t <= until, tb); if (length(past)) { l <- past[[length(past)]]; l$before * (1 - l$d / l$n) } else 1 }; 1 / max(x$before, floor) }))
sums <- function(tb, w, w2 = w) { k <- length(tb[[1]]$ng); O <- E <- rep(0, k); V <- matrix(0, k, k)
  for (i in seq_along(tb)) { x <- tb[[i]]; O <- O + w[i] * x$dg; E <- E + w[i] * x$d * x$ng / x$n; p <- x$ng / x$n; if (x$n > 1) V <- V + w[i] * w2[i] * x$d * (x$n - x$d) / (x$n - 1) * (diag(p, k) - outer(p, p)) }
  list(O = O, E = E, V = V) }
quadratic <- function(u, V) { keep <- diag(V) > 1e-12 * max(V); e <- eigen(V[keep, keep, drop = FALSE], symmetric = TRUE); k <- e$values > 1e-10 * max(e$values); list(chi = sum((t(e$vectors[, k]) %*% u[keep])^2 / e$values[k]), df = sum(k)) }
answers$weighted_log_rank <- function(d, o) {
  tb <- tables(d, o); s <- sums(tb, weigh(tb, o$weight, o$rho, o$gamma, o$until, o$smallest)); q <- quadratic(s$O - s$E, s$V)
  list(observed = v(s$O), expected = v(s$E), variance = unname(s$V), chi_square = q$chi, df = q$df, p_value_two_sided = pchisq(q$chi, q$df, lower.tail = FALSE))
}
answers$log_rank_entry <- answers$weighted_log_rank
answers$log_rank <- function(d, o) {
  f <- if (isTRUE(o$strata)) survdiff(Surv(time, event) ~ group + strata(strata), d) else survdiff(Surv(time, event) ~ group, d)
  by <- function(x) v(if (is.matrix(x)) rowSums(x) else x)
  list(n = by(f$n), observed = by(f$obs), expected = by(f$exp), variance = unname(f$var), chi_square = f$chisq, p_value_two_sided = pchisq(f$chisq, sum((if (is.matrix(f$exp)) rowSums(f$exp) else f$exp) > 0) - 1, lower.tail = FALSE))
}
answers$fleming_survdiff <- function(d, o) { # R's weights are S(t-) as ours
  f <- if (isTRUE(o$strata)) survdiff(Surv(time, event) ~ group + strata(strata), d, rho = o$rho) else survdiff(Surv(time, event) ~ group, d, rho = o$rho); list(chi_square = f$chisq, variance = unname(f$var)) }
answers$trend_test <- function(d, o) { tb <- tables(d, o); s <- sums(tb, weigh(tb, o$weight, o$rho, o$gamma, o$until, o$smallest)); c <- o$scores; V <- as.vector(t(c) %*% s$V %*% c); z <- -sum(c * (s$O - s$E)) / sqrt(V); list(z = z, chi_square = z^2, variance = V, p_value_one_sided = pnorm(-z), p_value_two_sided = 2 * pnorm(-abs(z))) }
answers$peto_hazard_ratio <- function(d, o) { tb <- tables(d, o); s <- sums(tb, rep(1, length(tb))); b <- (s$O - s$E)[2] / s$V[2, 2]; e <- 1 / sqrt(s$V[2, 2]); q <- qnorm((1 + level(o)) / 2); list(hazard_ratio = exp(b), lower = exp(b - q * e), upper = exp(b + q * e), log_hazard_ratio = b, std_err = e, z = -b / e, p_value_two_sided = 2 * pnorm(-abs(b / e))) }
answers$max_combo <- function(d, o) {
  tb <- tables(d, o); x <- o$exponents; m <- nrow(x); W <- lapply(seq_len(m), function(i) weigh(tb, "fleming-harrington", x[i, 1], x[i, 2]))
  u <- sapply(W, function(w) { s <- sums(tb, w); (s$O - s$E)[2] }); V <- outer(1:m, 1:m, Vectorize(function(i, j) sums(tb, W[[i]], W[[j]])$V[2, 2])); z <- -u / sqrt(diag(V)); R <- V / sqrt(outer(diag(V), diag(V))); diag(R) <- 1
  a <- max(abs(z)); three <- m < 4
  box <- function(low, high) if (!three) as.vector(mvtnorm::pmvnorm(low, high, corr = R, algorithm = mvtnorm::GenzBretz(maxpts = 2e5, abseps = 1e-6)))
    else { corners <- as.matrix(expand.grid(rep(list(0:1), m))); sum(apply(corners, 1, function(k) { u <- ifelse(k == 1, low, high); if (any(u == -Inf)) 0 else (-1)^sum(k) * as.vector(mvtnorm::pmvnorm(upper = u, corr = R, algorithm = mvtnorm::TVPACK(1e-14))) })) }
  p1 <- 1 - box(rep(-Inf, m), rep(max(z), m)); p2 <- 1 - box(rep(-a, m), rep(a, m))
  list(z = v(z), correlation = R, p_value_one_sided = p1, p_value_two_sided = p2)
}
answers$exact_log_rank <- function(d, o) {
  if (!isTRUE(o$strata)) { g <- factor(d$group, levels = o$groups); y <- Surv(d$time, d$event); t <- function(a) as.vector(coin::pvalue(coin::logrank_test(y ~ g, distribution = "exact", alternative = a))); return(list(p_value_two_sided = t("two.sided"), smaller_one_sided = min(t("less"), t("greater")))) }
  total <- 0; seen <- 0  # every arrangement within strata of the scores event minus cumulative hazard
  for (one in unique(d$strata)) { k <- d[d$strata == one, ]; a <- sapply(seq_len(nrow(k)), function(i) k$event[i] - sum(sapply(unique(k$time[k$event == 1 & k$time <= k$time[i]]), function(t) sum(k$event[k$time == t]) / sum(k$time >= t))))
    m <- sum(k$group == o$groups[2]); if (choose(nrow(k), m) * length(total) > 2e6) stop("too many arrangements"); seen <- seen + sum(a[k$group == o$groups[2]])
    total <- as.vector(outer(total, if (m == 0) 0 else utils::combn(nrow(k), m, function(j) sum(a[j])), "+")) }
  e <- 1e-9; list(p_value_two_sided = mean(abs(total - mean(total)) >= abs(seen - mean(total)) - e), smaller_one_sided = min(mean(total >= seen - e), mean(total <= seen + e)))
}
answers$one_sample_log_rank <- function(d, o) { f <- survdiff(Surv(time, event) ~ offset(exp(-d$hazard)), d); p <- poisson.test(sum(d$event), sum(d$hazard), conf.level = level(o)); list(observed = f$obs, expected = f$exp, chi_square = f$chisq, lower = p$conf.int[1], upper = p$conf.int[2]) }

# --- Cox
formula_of <- function(o, extra = NULL) as.formula(paste(if (isTRUE(o$entry)) "Surv(entry, time, event)" else "Surv(time, event)", "~", paste(c(unlist(o$covariates), if (isTRUE(o$strata)) "strata(strata)", if (isTRUE(o$offset)) "offset(shift)", extra), collapse = " + ")))
fit_cox <- function(d, o, extra = NULL, ...) {
  a <- list(formula = formula_of(o, extra), data = d, ties = if (o$ties == "exact-partial") "exact" else o$ties, control = C, ...)
  if (isTRUE(o$weights)) a$weights <- d$weight
  if (isTRUE(o$cluster)) a$cluster <- d$cluster
  if (!is.null(o$robust)) { a$robust <- o$robust; if (o$robust && !isTRUE(o$cluster)) a$cluster <- seq_len(nrow(d)) }
  else if (isTRUE(o$entry) && isTRUE(o$weights) && !isTRUE(o$cluster)) a$cluster <- seq_len(nrow(d))
  suppressWarnings(do.call(coxph, a))
}
of_cox <- function(m, o) { m <- unclass(m); b <- m$coefficients; naive <- if (is.null(m$naive.var)) m$var else m$naive.var; used <- sqrt(diag(m$var)); k <- !is.na(b); used[!k] <- NA; q <- qnorm((1 + level(o)) / 2); lr <- 2 * diff(m$loglik)
  out <- list(coefficients = v(b), std_err = v(ifelse(k, sqrt(diag(naive)), NA)), wald_z = v(b / used), p_value_two_sided = v(2 * pnorm(-abs(b / used))), lower = v(exp(b - q * used)), upper = v(exp(b + q * used)), log_likelihood_null = m$loglik[1], log_likelihood = m$loglik[2], likelihood_ratio.chi_square = lr, likelihood_ratio.df = sum(k), wald.chi_square = as.vector(b[k] %*% solve(m$var[k, k], b[k])), score.chi_square = m$score)
  if (!is.null(m$naive.var)) { out$robust_std_err <- v(used); if (!isTRUE(o$offset)) out$robust_score.chi_square <- as.vector(m$rscore) }
  out }
answers$cox <- function(d, o) of_cox(fit_cox(d, o), o)
answers$likelihood_ratio_between <- function(d, o) { s <- fit_cox(d, o); o$covariates <- c(o$covariates, o$more); l <- fit_cox(d, o); list(chi_square = 2 * (l$loglik[2] - s$loglik[length(s$loglik)]), df = sum(!is.na(coef(l))) - sum(!is.na(coef(s)))) }
answers$interaction_test <- function(d, o) {
  d$f <- factor(d$strata); d$t <- as.numeric(d$group == o$groups[2]); y <- "Surv(time, event) ~ t + f"; X <- model.matrix(~ t + f + t:f, d)[, -1, drop = FALSE]
  s <- coxph(as.formula(y), d, ties = o$ties, control = C); l <- coxph(Surv(time, event) ~ X, d, ties = o$ties, control = C); k <- grep(":", colnames(X)); b <- coef(l)
  if (anyNA(b)) stop("aliased")
  z <- coxph(Surv(time, event) ~ X, d, ties = o$ties, init = c(coef(s), rep(0, length(k))), iter.max = 0)
  list(likelihood_ratio.chi_square = 2 * (l$loglik[2] - s$loglik[2]), likelihood_ratio.df = length(k), wald.chi_square = as.vector(b[k] %*% solve(l$var[k, k], b[k])), score.chi_square = z$score, coefficients = v(b))
}
answers$profile_intervals <- function(d, o) {
  m <- fit_cox(d, o); x <- unlist(o$covariates); b <- coef(m); s <- sqrt(diag(m$var)); top <- m$loglik[2]; cut <- qchisq(level(o), 1)
  side <- function(j, sign) { left <- function(a) { d$shift <- a * d[[x[j]]]; p <- o; p$covariates <- x[-j]; p$offset <- TRUE; f <- if (length(x) > 1) fit_cox(d, p) else fit_cox(d, within(p, covariates <- "1")); l <- f$loglik; 2 * (top - l[length(l)]) - cut }
    uniroot(left, sort(b[j] + sign * s[j] * c(.2, 6)), tol = 1e-12 * max(1, abs(b[j])))$root }
  list(coefficient_lower = v(sapply(seq_along(x), side, -1)), coefficient_upper = v(sapply(seq_along(x), side, 1)))
}
answers$exact_marginal <- function(d, o) {
  if (max(table(d$time[d$event == 1])) > 5) stop("too many orders")
  x <- d$x1; orders <- function(k) if (length(k) < 2) list(k) else do.call(c, lapply(seq_along(k), function(i) lapply(orders(k[-i]), function(r) c(k[i], r))))
  parts <- lapply(sort(unique(d$time[d$event == 1])), function(t) list(risk = which(d$time >= t), who = orders(which(d$time == t & d$event == 1))))
  ll <- function(b) { r <- exp(b * x); sum(sapply(parts, function(p) { total <- sum(r[p$risk]); log(sum(sapply(p$who, function(w) prod(r[w] / (total - c(0, cumsum(r[w])[-length(w)])))))) })) }
  best <- optimize(ll, c(-8, 8), maximum = TRUE, tol = 1e-12); if (abs(best$maximum) > 6) stop("no maximum inside")
  list(log_likelihood_null = ll(0), log_likelihood = best$objective)
}
answers$baseline_hazard <- function(d, o) { m <- fit_cox(d, o); b <- if (o$centered) basehaz(m, newdata = cbind(as.data.frame(as.list(colMeans(d[, unlist(o$covariates), drop = FALSE]))), strata = d$strata[1])) else basehaz(m, centered = FALSE)
  if (o$centered && isTRUE(o$strata)) { x <- colMeans(d[, unlist(o$covariates), drop = FALSE]); k <- !is.na(coef(m)); b <- basehaz(m, centered = FALSE); b$hazard <- b$hazard * exp(sum(coef(m)[k] * x[k])) }
  list(time = v(b$time), cumulative_hazard = v(b$hazard)) }
answers$predicted_survival <- function(d, o) {
  m <- fit_cox(d, o); new <- as.data.frame(o$new); names(new) <- unlist(o$covariates)
  f <- survfit(m, newdata = if (isTRUE(o$strata)) cbind(new, strata = o$stratum) else new, conf.type = o$interval, conf.int = level(o), se.fit = TRUE); q <- quantile(f, .5)
  s <- f$std.err; if (!isTRUE(f$logse)) s <- s / f$surv
  list(time = v(f$time), cumulative_hazard = v(f$cumhaz), survival = v(f$surv), log_std_err = v(s), lower = v(f$lower), upper = v(f$upper), median = v(q$quantile), median_lower = v(q$lower), median_upper = v(q$upper))
}
answers$cox_residuals <- function(d, o) { m <- fit_cox(d, o); a <- list(m, type = switch(o$kind, `scaled schoenfeld` = "scaledsch", o$kind), weighted = o$weighted); if (isTRUE(o$collapse)) a$collapse <- d$cluster; r <- do.call(residuals, a); if (grepl("schoenfeld", o$kind)) r <- apply(as.matrix(r), 2, sort, na.last = TRUE) else if (o$kind %in% c("dfbeta", "dfbetas")) { r <- as.matrix(r); r[, is.na(coef(m))] <- NA }; list(values = v(r)) }
answers$proportional_hazards_test <- function(d, o) { z <- cox.zph(fit_cox(d, o), transform = o$transform, terms = FALSE); p <- nrow(z$table); list(chi_square = v(z$table[-p, 1]), df = v(z$table[-p, 2]), p_value_two_sided = v(z$table[-p, 3]), global_test.chi_square = z$table[p, 1], global_test.df = z$table[p, 2], transformed = v(sort(z$x)), scaled = v(apply(z$y, 2, sort, na.last = TRUE))) }
counts_of <- function(x) { k <- x$count; if (is.matrix(k)) k <- colSums(k); list(concordant = k[["concordant"]], discordant = k[["discordant"]], tied_marker = k[["tied.x"]], tied_time = k[["tied.y"]], tied_both = k[["tied.xy"]]) }
answers$concordance <- function(d, o) {
  a <- list(object = if (isTRUE(o$strata)) surv(d, o) ~ marker + strata(strata) else surv(d, o) ~ marker, data = d, reverse = TRUE, timewt = o$time_weights); if (isTRUE(o$weights)) a$weights <- d$weight; if (isTRUE(o$cluster)) a$cluster <- d$cluster
  x <- do.call(concordance, a); q <- qnorm((1 + level(o)) / 2); c(list(estimate = x$concordance, std_err = sqrt(x$var), lower = x$concordance - q * sqrt(x$var)), counts_of(x)) }
answers$concordance_model <- function(d, o) { x <- concordance(fit_cox(d, o), timewt = "n"); c(list(estimate = x$concordance, std_err = sqrt(x$var)), counts_of(x)) }

# --- Competing risks
answers$cumulative_incidence <- function(d, o) {
  out <- list()
  if (o$variance == "aalen") { f <- if (isTRUE(o$group)) cuminc(d$time, d$cause, d$group) else cuminc(d$time, d$cause); p <- timepoints(f[names(f) != "Tests"], o$at); g <- if (isTRUE(o$group)) o$groups else "1"
    pick <- function(x) unlist(lapply(g, function(a) lapply(o$causes, function(b) { row <- paste(a, b); if (row %in% rownames(x)) x[row, ] else ifelse(o$at > max(d$time[if (isTRUE(o$group)) d$group == a else TRUE]), NA, 0) })))
    list(estimate = v(pick(p$est)), variance = v(pick(p$var))) }
  else { state <- factor(d$cause, 0:3)
    if (isTRUE(o$entry)) { tra <- matrix(FALSE, 4, 4, dimnames = list(0:3, 0:3)); tra[1, 2:4] <- TRUE; e <- etm::etm(data.frame(id = seq_len(nrow(d)), from = "0", to = ifelse(d$cause == 0, "cens", as.character(d$cause)), entry = d$entry, exit = d$time), as.character(0:3), tra, "cens", s = 0)
      k <- o$at <= max(d$time); i <- findInterval(o$at[k], e$time); get <- function(a, j, f) sapply(i, function(i) if (i == 0) 0 else f(a, j, i)); return(list(known = v(k), estimate = v(sapply(as.character(1:3), function(j) get(e$est, j, function(a, j, i) a["0", j, i]))), std_err = v(sapply(as.character(1:3), function(j) get(e$cov, paste("0", j), function(a, j, i) sqrt(max(0, a[j, j, i]))))))) }
    f <- survfit(Surv(time, state) ~ 1, d, conf.type = o$interval, conf.int = level(o))
    k <- o$at <= max(f$time); s <- summary(f, times = o$at[k], extend = TRUE); j <- match(as.character(o$causes), f$states); list(known = v(k), estimate = v(s$pstate[, j]), std_err = v(s$std.err[, j]), lower = v(s$lower[, j]), upper = v(s$upper[, j])) }
}
answers$gray_test <- function(d, o) { f <- if (isTRUE(o$strata)) cuminc(d$time, d$cause, d$group, strata = d$strata, rho = o$rho) else cuminc(d$time, d$cause, d$group, rho = o$rho); t <- f$Tests; r <- match(as.character(o$cause), rownames(t)); list(chi_square = t[r, "stat"], p_value_two_sided = t[r, "pv"], df = t[r, "df"]) }
answers$fine_gray_crr <- function(d, o) { X <- as.matrix(d[, unlist(o$covariates), drop = FALSE]); m <- crr(d$time, d$cause, X, failcode = o$cause, gtol = 1e-14, maxiter = 60); if (!m$converged) stop("crr did not converge"); out <- list(coefficients = v(m$coef), std_err = v(sqrt(diag(m$var))), log_likelihood = m$loglik, log_likelihood_null = m$loglik.null, baseline_time = v(m$uftime), baseline_hazard = v(m$bfitj))
  p <- predict(m, X[1:2, , drop = FALSE]); k <- sapply(o$at, function(t) sum(p[, 1] <= t)); out$predicted <- v(sapply(2:3, function(j) c(0, p[, j])[k + 1])); out }
answers$fine_gray_finegray <- function(d, o) { d$s_ <- factor(d$cause, 0:3); d$id_ <- seq_len(nrow(d)); st <- if (isTRUE(o$strata)) "strata(strata)"; g <- finegray(as.formula(paste("Surv(time, s_) ~", paste(c(unlist(o$covariates), "id_", st), collapse = "+"))), d, etype = as.character(o$cause))
  m <- coxph(as.formula(paste("Surv(fgstart, fgstop, fgstatus) ~", paste(c(unlist(o$covariates), st), collapse = "+"))), g, weights = fgwt, cluster = id_, ties = o$ties, control = C); k <- is.na(coef(m)); list(coefficients = v(coef(m)), std_err = v(ifelse(k, NA, sqrt(diag(m$var)))), log_likelihood = m$loglik[2], likelihood_ratio.chi_square = 2 * diff(m$loglik), score.chi_square = m$score, model_std_err = v(ifelse(k, NA, sqrt(diag(m$naive.var))))) }
answers$cause_specific_cox <- function(d, o) { d$event <- as.numeric(d$cause == o$cause); of_cox(fit_cox(d, o), o) }

# --- States
long <- function(d, landmark = 0) { r <- do.call(rbind, lapply(seq_len(nrow(d)), function(i) { w <- d$wait[i]; t <- d$time[i]; e <- d$event[i]; if (is.na(w) || (w >= t && w > 0)) data.frame(i = i, start = 0, stop = t, event = e, x = 0) else rbind(if (w > 0) data.frame(i = i, start = 0, stop = w, event = 0, x = 0), data.frame(i = i, start = w, stop = t, event = e, x = 1)) })); if (landmark > 0) r <- r[r$stop > landmark, ]; r$start <- pmax(r$start, landmark); r }
answers$split_at <- function(d, o) { r <- long(d); list(start = v(r$start), stop = v(r$stop), event = v(r$event), changed = v(r$x), subject = v(r$i - 1)) }
answers$simon_makuch <- function(d, o) { r <- long(d, o$landmark); m <- coxph(Surv(start, stop, event) ~ x, r, ties = o$ties, control = C); f <- survfit(Surv(start, stop, event) ~ x, r, conf.type = "log-log"); tb <- tables(data.frame(time = r$stop, event = r$event, entry = r$start, group = paste0("g", r$x)), list(entry = TRUE, groups = c("g0", "g1"))); s <- sums(tb, rep(1, length(tb)))
  c(curve(f)[c("survival", "std_err", "lower", "upper")], list(chi_square = (s$O - s$E)[1]^2 / s$V[1, 1], expected = v(s$E), n = length(unique(r$i)), coefficients = v(coef(m)), cox_std_err = v(ifelse(is.na(coef(m)), NA, sqrt(diag(m$var)))), log_likelihood = m$loglik[2])) }
answers$landmark <- function(d, o) { k <- d[d$time > o$at, ]; k$x <- as.numeric(!is.na(k$wait) & k$wait <= o$at); k$time <- k$time - o$at; m <- coxph(Surv(time, event) ~ x, k, control = C); l <- survdiff(Surv(time, event) ~ x, k); list(n = nrow(k), chi_square = l$chisq, expected = v(l$exp), coefficients = v(coef(m)), std_err = v(ifelse(is.na(coef(m)), NA, sqrt(diag(m$var)))), log_likelihood = m$loglik[2], n_excluded_events = sum(d$event[d$time <= o$at])) }
state_fit <- function(d, o) survfit(Surv(start, stop, factor(to, c("none", o$states))) ~ 1, data = d, id = d$id, istate = factor(d$from, o$states), conf.type = o$interval, influence = TRUE)
answers$aalen_johansen <- function(d, o) { f <- state_fit(d, o); t <- o$at[o$at >= min(f$time) & o$at <= max(f$time)]; s <- summary(f, times = t); j <- match(o$states, f$states); list(used = v(o$at %in% t), probability = v(s$pstate[, j]), std_err = v(s$std.err[, j]), lower = v(s$lower[, j]), upper = v(s$upper[, j])) }
answers$transition_probabilities <- function(d, o) { tra <- matrix(FALSE, 3, 3, dimnames = list(o$states, o$states)); for (i in seq_len(nrow(d))) if (d$to[i] != "none") tra[d$from[i], d$to[i]] <- TRUE
  e <- etm::etm(data.frame(id = d$id, from = d$from, to = ifelse(d$to == "none", "cens", d$to), entry = d$start, exit = d$stop), o$states, tra, "cens", s = o$start); k <- findInterval(o$until, e$time); if (k == 0) stop("no transition"); x <- matrix(0, 3, 3); for (a in 1:3) for (b in 1:3) { n <- paste(o$states[a], o$states[b]); if (n %in% dimnames(e$cov)[[1]]) x[a, b] <- sqrt(max(e$cov[n, n, k], 0)) }; list(probability = v(t(e$est[, , k])), std_err = v(t(x))) }
answers$transition_cox <- function(d, o) { k <- d[d$from == o$transition[1], ]; k$hit <- as.numeric(k$to == o$transition[2]); if (length(unique(k$x1)) < 2) stop("nobody to compare"); m <- if (o$clock == "forward") coxph(Surv(start, stop, hit) ~ x1, k, ties = o$ties, control = C) else coxph(Surv(stop - start, hit) ~ x1, k, ties = o$ties, control = C); list(coefficients = v(coef(m)), std_err = v(ifelse(is.na(coef(m)), NA, sqrt(diag(m$var)))), log_likelihood = m$loglik[2], log_likelihood_null = m$loglik[1]) }

# --- Rates
answers$person_time <- function(d, o) { t <- d$time - if (isTRUE(o$entry)) d$entry else 0; n <- sapply(o$groups, function(g) sum(d$event[d$group == g])); pt <- sapply(o$groups, function(g) sum(t[d$group == g])); ci <- sapply(1:2, function(i) poisson.test(n[i], pt[i], conf.level = level(o))$conf.int); r <- poisson.test(rev(n), rev(pt), conf.level = level(o)); list(n_events = v(n), person_time = v(pt), rate = v(n / pt), lower = v(ci[1, ]), upper = v(ci[2, ]), rate_ratio = unname(r$estimate), rate_ratio_lower = r$conf.int[1], rate_ratio_upper = r$conf.int[2], p_value_two_sided = r$p.value) }
split_rows <- function(d, o) { d$zero <- if (isTRUE(o$entry)) d$entry else 0; d <- d[d$time > d$zero, ]; s <- survSplit(Surv(zero, time, event) ~ ., d, cut = o$cuts, episode = "piece", start = "from", end = "to", event = "hit"); s$spent <- s$to - s$from; s }
answers$piecewise_exponential <- function(d, o) { s <- split_rows(d, o); k <- factor(s$piece, seq_len(length(o$cuts) + 1)); n <- tapply(s$hit, k, sum, default = 0); t <- tapply(s$spent, k, sum, default = 0); list(n_events = v(n), person_time = v(t), rate = v(n / t)) }
answers$piecewise_exponential_regression <- function(d, o) { s <- split_rows(d, o); s$k <- factor(s$piece); X <- as.matrix(s[, unlist(o$covariates), drop = FALSE]); m <- suppressWarnings(glm(if (nlevels(s$k) > 1) hit ~ X + k + offset(log(spent)) else hit ~ X + offset(log(spent)), poisson, s, epsilon = 1e-15, maxit = 100)); j <- 1 + seq_len(ncol(X)); list(coefficients = v(coef(m)[j]), std_err = v(sqrt(diag(vcov(m)))[j])) }
answers$mixture_cure <- function(d, o) {
  weibull <- o$distribution == "weibull"; t <- d$time; e <- d$event
  minus <- function(th) { p <- plogis(th[1]); a <- if (weibull) exp(th[3]) else 1; h <- (t / exp(th[2]))^a; r <- -sum(ifelse(e == 1, log1p(-p) + log(a) + (a - 1) * log(t) - a * th[2] - h, log(p + (1 - p) * exp(-h)))); if (is.finite(r)) r else 1e10 }
  best <- NULL; for (p in c(-8, -1, 1, 3)) for (m in c(.3, 1, 4)) { x <- list(par = c(p, log(m * mean(t)), if (weibull) 0)); for (i in 1:3) x <- tryCatch(optim(x$par, minus, method = if (i %% 2) "Nelder-Mead" else "BFGS", control = list(reltol = 1e-15, maxit = 3000)), error = function(err) x); if (!is.null(x$value) && (is.null(best) || x$value < best$value)) best <- x }
  list(log_likelihood = -best$value, cure_fraction = plogis(best$par[1]))
}

given <- commandArgs(TRUE)
if (given[1] == "data") real(given[2]) else {
  cases <- jsonlite::fromJSON(given[2], simplifyVector = TRUE, simplifyDataFrame = FALSE)
  lines <- vapply(cases, function(one) { d <- as.data.frame(lapply(one$data, function(x) if (is.list(x)) vapply(x, function(y) if (is.null(y)) NA_real_ else as.numeric(y), 0) else x), stringsAsFactors = FALSE)
    found <- tryCatch({ setTimeLimit(elapsed = 4); suppressWarnings(answers[[one$check]](d, one$options)) }, error = function(e) list(error = gsub("[^ -~]", " ", gsub("[\\\\\"]", "'", conditionMessage(e)))))
    setTimeLimit(elapsed = Inf); json(found) }, "")
  writeLines(c("[", paste(lines, collapse = ",\n"), "]"), given[3])
}
