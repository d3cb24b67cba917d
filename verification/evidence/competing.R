# Reference values for competing risks: Rscript verification/evidence/competing.R
# cmprsk (cuminc, timepoints, crr), survival (survfit, finegray + coxph, coxph), prodlim, etm.
suppressMessages({ library(survival); library(cmprsk); library(prodlim); library(etm) })
source("verification/evidence/json.R")
folder <- "src/equipoise/validation/data"
cases <- list()
add <- function(...) cases[[length(cases) + 1]] <<- case(...)
v <- function(p) as.character(packageVersion(p))
script <- "verification/evidence/competing.R"
program <- function(name) list(kind = "program", name = paste0("R ", getRversion(), ", ", name), script = script)
sources <- list(cmprsk = program(paste("cmprsk", v("cmprsk"))), survival = program(paste("survival", v("survival"))),
                prodlim = program(paste("prodlim", v("prodlim"))), etm = program(paste("etm", v("etm"))))

# Data: files, and some made here: ties of every kind, groups that run out, an event at 0, three causes.
mgus2 <- read.csv(file.path(folder, "mgus2.csv")); melanoma <- read.csv(file.path(folder, "melanoma.csv")); pbc <- read.csv(file.path(folder, "pbc.csv"))
mg <- with(mgus2, data.frame(etime, cause, sex, over70 = as.numeric(age > 70), third = cut(age, c(0, 65, 75, 200), labels = FALSE)))
set.seed(20260701)
tied <- data.frame(time = sample(1:8, 60, TRUE), cause = sample(0:3, 60, TRUE, c(.3, .3, .25, .15)), group = rep(1:3, each = 20), site = rep(1:2, 30),
                   x = round(rnorm(60), 2), z = rbinom(60, 1, .5))
loose <- data.frame(time = round(rexp(80), 3), cause = sample(0:2, 80, TRUE, c(.25, .4, .35)), arm = rep(c("A", "B"), 40), site = rep(1:4, each = 20),
                    x = round(rnorm(80), 2), z = rbinom(80, 1, .4))
loose$time[3] <- 0; loose$cause[3] <- 1
late <- data.frame(entry = sample(0:5, 50, TRUE)); late$time <- late$entry + sample(1:9, 50, TRUE); late$entry[late$time < 4] <- 0; late$cause <- sample(0:2, 50, TRUE, c(.3, .4, .3))
# Groups that run out by events while others go on.
runs_out <- data.frame(time = c(1, 2, 3, 3, 4, 1, 2, 4, 5, 6, 7, 8, 9, 2, 3, 5, 6, 8, 10, 11), cause = c(1, 2, 1, 0, 1, 2, 1, 1, 0, 1, 2, 1, 0, 1, 2, 2, 1, 1, 1, 0),
                       group = rep(c("A", "B", "C"), c(5, 8, 7)))
tables <- list(runs_out = as.list(runs_out), mgus2 = "mgus2.csv", melanoma = "melanoma.csv", pbc = "pbc.csv", mgus2_strata = as.list(mg), tied = as.list(tied), loose = as.list(loose), late = as.list(late))

nested <- function(rows, groups, causes) lapply(groups, function(g) lapply(causes, function(k) I(as.vector(rows(g, k)))))
plain <- function(x) { x <- as.vector(x); names(x) <- NULL; x }

# --- Cumulative incidence as cmprsk
cif_cmprsk <- function(id, data, d, time, cause, group, times, causes = sort(setdiff(unique(d[[cause]]), 0)), more = list()) {
  groups <- if (is.null(group)) 1 else sort(unique(d[[group]]))
  f <- if (is.null(group)) cuminc(d[[time]], d[[cause]]) else cuminc(d[[time]], d[[cause]], d[[group]])
  p <- timepoints(f, times)
  read <- function(m) nested(function(g, k) m[paste(g, k), ], groups, causes)
  arguments <- list(time = time, cause = cause); if (!is.null(group)) arguments$group <- group
  # A group whose last subjects all had events has a known incidence ever after, where cmprsk prints NA: times end before.
  stopifnot(!anyNA(p$est))
  add(paste0("incidence, ", id), "cumulative_incidence", "cmprsk", list(estimate = read(p$est), variance = read(p$var)),
      c(arguments, more), data = data, then = list(list("at", list(times = I(times)))), requirements = c(105, 167))
}
cif_cmprsk("mgus2 overall", "mgus2", mgus2, "etime", "cause", NULL, c(1, 6, 12, 60, 120, 240, 300, 360))
cif_cmprsk("mgus2 by sex", "mgus2", mgus2, "etime", "cause", "sex", c(5, 30, 100, 200, 300, 390))
cif_cmprsk("mgus2 by third of age", "mgus2_strata", mg, "etime", "cause", "third", c(3, 12, 36, 100, 200))
cif_cmprsk("melanoma overall", "melanoma", melanoma, "time", "status", NULL, c(200, 365, 1000, 2000, 3000, 4000, 5000))
cif_cmprsk("melanoma by sex", "melanoma", melanoma, "time", "status", "sex", c(365, 1000, 2000, 3000, 4000))
cif_cmprsk("pbc overall", "pbc", pbc, "time", "status", NULL, c(100, 365, 1000, 2000, 4000))
cif_cmprsk("pbc by sex", "pbc", pbc, "time", "status", "sex", c(100, 365, 1000, 2000, 4000))
cif_cmprsk("three causes, heavy ties", "tied", tied, "time", "cause", "group", c(1, 2, 3, 4, 5, 6))
cif_cmprsk("continuous times, an event at 0", "loose", loose, "time", "cause", "arm", c(0, 0.2, 0.5, 1, 1.5))

# --- The same with Greenwood's variance, as survfit, prodlim and etm
cif_survfit <- function(id, data, d, time, cause, group, times, type) {
  causes <- sort(setdiff(unique(d[[cause]]), 0)); groups <- if (is.null(group)) 1 else sort(unique(d[[group]]))
  fits <- lapply(groups, function(g) survfit(as.formula(paste0("Surv(", time, ", factor(", cause, ", 0:", max(causes), ")) ~ 1")), data = if (is.null(group)) d else d[d[[group]] == g, ], conf.type = type))
  read <- function(what) nested(function(g, k) { f <- fits[[which(groups == g)]]; matrix(f[[what]], length(f$time))[findInterval(times, f$time), which(c(0, 1:max(causes)) == k)] }, groups, causes)  # the arcsin limits come without dimensions
  arguments <- list(time = time, cause = cause, variance = "greenwood", interval = type); if (!is.null(group)) arguments$group <- group
  add(paste0("incidence, ", id, ", ", type), "cumulative_incidence", "survival",
      list(estimate = read("pstate"), std_err = read("std.err"), lower = read("lower"), upper = read("upper")),
      arguments, data = data, then = list(list("at", list(times = I(times)))), requirements = c(105, 167))
}
for (type in c("plain", "log", "log-log", "logit", "arcsin")) {
  cif_survfit("mgus2 by sex", "mgus2", mgus2, "etime", "cause", "sex", c(30, 100, 200, 300), type)
  cif_survfit("melanoma overall", "melanoma", melanoma, "time", "status", NULL, c(365, 1000, 2000, 3000, 4000), type)
}
cif_survfit("mgus2 by third of age", "mgus2_strata", mg, "etime", "cause", "third", c(3, 12, 36, 100, 200), "log-log")
cif_survfit("pbc by sex", "pbc", pbc, "time", "status", "sex", c(365, 1000, 2000, 4000), "log-log")
cif_survfit("three causes, heavy ties", "tied", tied, "time", "cause", "group", c(2, 3, 4, 5, 6), "plain")

cif_prodlim <- function(id, data, d, time, cause, group, times) {
  d$t_ <- d[[time]]; d$c_ <- d[[cause]]; causes <- sort(setdiff(unique(d[[cause]]), 0)); groups <- sort(unique(d[[group]]))
  f <- prodlim(as.formula(paste("Hist(t_, c_) ~", group)), data = d)
  read <- function(what) nested(function(g, k) {
    one <- f$X[[1]] == g; first <- f$first.strata[one]; rows <- first:(first + f$size.strata[one] - 1)
    c(0, f[[what]][[as.character(k)]][rows])[findInterval(times, f$time[rows]) + 1] }, groups, causes)
  add(paste0("incidence, ", id), "cumulative_incidence", "prodlim", list(estimate = read("cuminc"), std_err = read("se.cuminc")),
      list(time = time, cause = cause, group = group, variance = "greenwood"), data = data, then = list(list("at", list(times = I(times)))), requirements = 105)
}
cif_prodlim("mgus2 by sex, prodlim", "mgus2", mgus2, "etime", "cause", "sex", c(30, 100, 200, 300))
cif_prodlim("melanoma by sex, prodlim", "melanoma", melanoma, "time", "status", "sex", c(365, 1000, 2000, 3000))
cif_prodlim("pbc by sex, prodlim", "pbc", pbc, "time", "status", "sex", c(365, 1000, 2000, 4000))

cif_etm <- function(id, data, d, time, cause, group, times, entry = NULL, type = "cloglog") {
  d$t_ <- d[[time]]; d$c_ <- d[[cause]]; d$e_ <- if (is.null(entry)) 0 else d[[entry]]; d$g_ <- if (is.null(group)) 1 else d[[group]]
  causes <- sort(setdiff(unique(d$c_), 0)); groups <- sort(unique(d$g_))
  parts <- lapply(groups, function(g) summary(etmCIF(Surv(e_, t_, c_ != 0) ~ 1, data = d[d$g_ == g, ], etype = c_, failcode = causes), ci.fun = type)[[1]])
  read <- function(what) nested(function(g, k) { x <- parts[[which(groups == g)]][[paste("CIF", k)]]; x[[what]][findInterval(times, x$time)] }, groups, causes)
  arguments <- list(time = time, cause = cause, variance = "greenwood", interval = type)
  if (!is.null(group)) arguments$group <- group; if (!is.null(entry)) arguments$entry <- entry
  add(paste0("incidence, ", id), "cumulative_incidence", "etm", list(estimate = read("P"), variance = read("var"), lower = read("lower"), upper = read("upper")),
      arguments, data = data, then = list(list("at", list(times = I(times)))), requirements = 105)
}
cif_etm("mgus2 by sex, etm, cloglog", "mgus2", mgus2, "etime", "cause", "sex", c(30, 100, 200, 300))
cif_etm("melanoma, etm, cloglog", "melanoma", melanoma, "time", "status", NULL, c(365, 1000, 2000, 3000))
cif_etm("pbc by sex, etm, cloglog", "pbc", pbc, "time", "status", "sex", c(1500, 2000, 4000))
cif_etm("left truncation, etm, cloglog", "late", late, "time", "cause", NULL, c(3, 5, 6, 8, 10), entry = "entry")

# --- Differences at times: independent groups, so the variances of timepoints() add
difference <- function(id, data, d, time, cause, group, cause_of_interest, times, pair) {
  p <- timepoints(cuminc(d[[time]], d[[cause]], d[[group]]), times); a <- paste(pair[1], cause_of_interest); b <- paste(pair[2], cause_of_interest)
  change <- plain(p$est[b, ] - p$est[a, ]); se <- plain(sqrt(p$var[a, ] + p$var[b, ])); ratio <- plain(p$est[b, ] / p$est[a, ])
  log_se <- plain(sqrt(p$var[a, ] / p$est[a, ]^2 + p$var[b, ] / p$est[b, ]^2)); q <- qnorm(0.975)
  add(paste0("difference, ", id), "cumulative_incidence", "cmprsk",
      list(risk_difference = I(change), std_err = I(se), lower = I(change - q * se), upper = I(change + q * se), risk_ratio = I(ratio),
           ratio_lower = I(ratio * exp(-q * log_se)), ratio_upper = I(ratio * exp(q * log_se)), z = I(-change / se), p_value_two_sided = I(2 * pnorm(-abs(change / se))),
           p_value_one_sided = I(pnorm(change / se))),
      list(time = time, cause = cause, group = group), data = data, requirements = c(105, 167),
      then = list(list("difference", list(times = I(times), cause = cause_of_interest, groups = pair))))
}
difference("mgus2, men against women", "mgus2", mgus2, "etime", "cause", "sex", 1, c(30, 100, 200), c("F", "M"))
difference("melanoma, men against women", "melanoma", melanoma, "time", "status", "sex", 1, c(1000, 2000), c("Female", "Male"))
difference("third of age, death", "mgus2_strata", mg, "etime", "cause", "third", 2, c(12, 100), c(1, 3))

# --- Gray's test
gray <- function(id, data, d, time, cause, group, which = 1, strata = NULL, rho = 0, tolerance = NULL) {
  f <- if (is.null(strata)) cuminc(d[[time]], d[[cause]], d[[group]], rho = rho) else cuminc(d[[time]], d[[cause]], d[[group]], strata = d[[strata]], rho = rho)
  t <- f$Tests[as.character(which), ]
  values <- list(chi_square = plain(t["stat"]), df = plain(t["df"]), p_value_two_sided = pchisq(plain(t["stat"]), plain(t["df"]), lower.tail = FALSE))
  arguments <- list(time = time, cause = cause, group = group, cause_of_interest = which)
  if (!is.null(strata)) arguments$strata <- strata; if (rho != 0) arguments$rho <- rho
  add(paste0("Gray, ", id, ", cause ", which, if (!is.null(strata)) paste0(", strata ", strata), if (rho != 0) paste0(", rho ", rho)), "gray_test", "cmprsk", values, arguments, data = data, requirements = 105)
}
for (k in 1:2) {
  gray("mgus2 by sex", "mgus2_strata", mg, "etime", "cause", "sex", k)
  gray("mgus2 by sex", "mgus2_strata", mg, "etime", "cause", "sex", k, strata = "over70")
  gray("mgus2 by sex", "mgus2_strata", mg, "etime", "cause", "sex", k, rho = 1)
  gray("mgus2 by third of age", "mgus2_strata", mg, "etime", "cause", "third", k)
  gray("mgus2 by third of age", "mgus2_strata", mg, "etime", "cause", "third", k, strata = "sex")
  gray("mgus2 by third of age", "mgus2_strata", mg, "etime", "cause", "third", k, strata = "sex", rho = 2)
  gray("melanoma by sex", "melanoma", melanoma, "time", "status", "sex", k)
  gray("melanoma by sex", "melanoma", melanoma, "time", "status", "sex", k, rho = -1)
  gray("pbc by sex", "pbc", pbc, "time", "status", "sex", k)
  gray("continuous times, an event at 0", "loose", loose, "time", "cause", "arm", k)
  gray("continuous times, an event at 0", "loose", loose, "time", "cause", "arm", k, strata = "site")
}
for (k in 1:2) for (rho in c(0, 1)) gray("groups that run out", "runs_out", runs_out, "time", "cause", "group", k, rho = rho)
for (k in 1:3) { gray("three causes, heavy ties", "tied", tied, "time", "cause", "group", k); gray("three causes, heavy ties", "tied", tied, "time", "cause", "group", k, strata = "site", rho = 0.5) }

# --- Fine and Gray as crr
fg_crr <- function(id, data, d, time, cause, covariates, which = 1, profile = NULL, times = NULL) {
  X <- as.matrix(d[covariates]); storage.mode(X) <- "double"
  f <- crr(d[[time]], d[[cause]], X, failcode = which, gtol = 1e-14, maxiter = 100)
  q <- qnorm(0.975); b <- plain(f$coef); se <- sqrt(plain(diag(f$var)))
  lr <- 2 * (f$loglik - f$loglik.null); wald <- plain(b %*% solve(f$var, b)); p <- length(b)
  values <- list(coefficients = I(b), covariance = unname(f$var), model_covariance = unname(f$invinf), std_err = I(se), hazard_ratio = I(exp(b)), lower = I(exp(b - q * se)), upper = I(exp(b + q * se)),
                 wald_z = I(b / se), p_value_two_sided = I(2 * pnorm(-abs(b / se))), log_likelihood = f$loglik, log_likelihood_null = f$loglik.null,
                 likelihood_ratio.chi_square = lr, wald.chi_square = wald, wald.df = p, wald.p_value_two_sided = pchisq(wald, p, lower.tail = FALSE),
                 baseline_time = I(f$uftime), baseline_hazard = I(f$bfitj))
  arguments <- list(time = time, cause = cause, covariates = I(covariates), cause_of_interest = which)
  add(paste0("Fine-Gray, crr, ", id, ", cause ", which), "fine_gray", "cmprsk", values, arguments, data = data, requirements = 105, tolerance = 1e-7,
      reason = "crr stops iterating before the last digits; its baseline and variance are taken there")
  if (!is.null(profile)) {
    w <- predict(f, matrix(profile, 1)); at <- c(0, w[, 2])[findInterval(times, w[, 1]) + 1]
    add(paste0("Fine-Gray, predicted incidence, ", id, ", cause ", which), "fine_gray", "cmprsk", list(estimate = list(I(at))), arguments, data = data, tolerance = 1e-7,
        reason = "crr stops iterating before the last digits", then = list(list("predict", list(covariates = I(profile), times = I(times)))))
  }
}
for (k in 1:2) {
  fg_crr("mgus2", "mgus2", mgus2, "etime", "cause", c("age", "dxyr"), k, c(70, 1980), c(12, 60, 120, 240))
  fg_crr("melanoma", "melanoma", melanoma, "time", "status", c("age", "logthick"), k, c(50, 0.5), c(500, 1000, 3000))
  fg_crr("pbc", "pbc", pbc, "time", "status", c("age", "bili", "albumin", "edema"), k, c(50, 2, 3.5, 0), c(365, 1000, 3000))
  fg_crr("heavy ties", "tied", tied, "time", "cause", c("x", "z"), k, c(0, 1), c(2, 5))
  fg_crr("continuous times", "loose", loose, "time", "cause", "x", k)
}
fg_crr("third cause", "tied", tied, "time", "cause", c("x", "z"), 3)

# --- Fine and Gray as finegray and coxph, with a robust variance by subject
fg_survival <- function(id, data, d, time, cause, covariates, ties, which = 1, strata = NULL) {
  d$t_ <- d[[time]]; d$c_ <- factor(d[[cause]], sort(unique(c(0, d[[cause]])))); d$id_ <- seq_len(nrow(d)); d$s_ <- if (is.null(strata)) 1 else d[[strata]]
  g <- finegray(as.formula(paste("Surv(t_, c_) ~", paste(c(covariates, "id_", if (!is.null(strata)) "strata(s_)"), collapse = "+"))), data = d, etype = as.character(which))
  g$s_ <- d$s_[g$id_]
  f <- coxph(as.formula(paste("Surv(fgstart, fgstop, fgstatus) ~", paste(covariates, collapse = "+"), if (!is.null(strata)) "+ strata(s_)", "+ cluster(id_)")), data = g, weights = fgwt, ties = ties,
             control = coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 60))
  p <- length(covariates); b <- plain(coef(f)); s <- summary(f)
  arguments <- list(time = time, cause = cause, covariates = I(covariates), cause_of_interest = which, ties = ties, censoring_ties = "survival", variance = "robust")
  if (!is.null(strata)) { arguments$strata <- strata; arguments$censoring_groups <- strata }
  add(paste0("Fine-Gray, finegray, ", id, ", cause ", which, ", ", ties, if (!is.null(strata)) paste0(", strata ", strata)), "fine_gray", "survival",
      list(coefficients = I(b), covariance = unname(f$var), model_covariance = unname(f$naive.var), log_likelihood = f$loglik[2], log_likelihood_null = f$loglik[1],
           likelihood_ratio.chi_square = plain(s$logtest["test"]), wald.chi_square = plain(b %*% solve(f$var, b)), score.chi_square = plain(s$sctest["test"])),
      arguments, data = data, requirements = 105)
}
for (ties in c("breslow", "efron")) {
  fg_survival("mgus2", "mgus2", mgus2, "etime", "cause", c("age", "dxyr"), ties)
  fg_survival("mgus2 by sex", "mgus2", mgus2, "etime", "cause", c("age", "dxyr"), ties, 2, "sex")
  fg_survival("melanoma", "melanoma", melanoma, "time", "status", c("age", "logthick"), ties)
  fg_survival("melanoma by sex", "melanoma", melanoma, "time", "status", c("age", "logthick"), ties, 1, "sex")
  fg_survival("pbc", "pbc", pbc, "time", "status", c("age", "bili", "albumin", "edema"), ties, 2)
  fg_survival("heavy ties", "tied", tied, "time", "cause", c("x", "z"), ties)
  fg_survival("heavy ties", "tied", tied, "time", "cause", c("x", "z"), ties, 1, "site")
}

# --- Cause-specific hazards
cs <- function(id, data, d, time, cause, covariates, ties, which, strata = NULL) {
  f <- coxph(as.formula(paste0("Surv(", time, ", ", cause, " == ", which, ") ~ ", paste(covariates, collapse = "+"), if (!is.null(strata)) paste0("+ strata(", strata, ")"))), data = d, ties = ties,
             control = coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 60))
  arguments <- list(time = time, cause = cause, covariates = I(covariates), cause_of_interest = which, ties = ties); if (!is.null(strata)) arguments$strata <- strata
  add(paste0("cause-specific Cox, ", id, ", cause ", which, ", ", ties, if (!is.null(strata)) paste0(", strata ", strata)), "cause_specific_cox", "survival",
      list(coefficients = I(plain(coef(f))), covariance = unname(f$var), log_likelihood = f$loglik[2], n_events = f$nevent), arguments, data = data, requirements = 105)
}
for (k in 1:2) { cs("mgus2", "mgus2", mgus2, "etime", "cause", c("age", "dxyr"), "efron", k); cs("mgus2", "mgus2", mgus2, "etime", "cause", c("age", "dxyr"), "breslow", k, "sex")
  cs("melanoma", "melanoma", melanoma, "time", "status", c("age", "logthick"), "efron", k); cs("pbc", "pbc", pbc, "time", "status", c("age", "bili"), "breslow", k) }

write_evidence("src/equipoise/validation/evidence/competing_r.json", "competing", sources, tables, cases)
cat(length(cases), "cases\n")
