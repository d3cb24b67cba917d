# Evidence for what follows a Cox fit (baseline_hazard, predicted_survival, cox_residuals, proportional_hazards_test,
# concordance, log_log_curves): Rscript verification/evidence/coxfit.R
suppressMessages(library(survival))
source("verification/evidence/json.R")
C <- suppressWarnings(coxph.control(eps = 1e-13, toler.chol = 1e-15, iter.max = 100))
cases <- list()
add <- function(...) cases[[length(cases) + 1]] <<- case(...)
read <- function(name) read.csv(file.path("src/equipoise/validation/data", paste0(name, ".csv")), na.strings = "NA")

D <- list(); for (n in c("lung", "veteran", "ovarian", "heart", "bladder2", "rats", "kidney")) D[[n]] <- read(n)
p <- read("pbc"); p <- p[!is.na(p$trt), ]
D$pbc_trial <- data.frame(time = p$time, death = 1 * (p$status == 2), age = p$age, edema = p$edema, log_bili = log(p$bili), albumin = p$albumin, trt = p$trt)
v <- read("veteran")
D$veteran_cells <- data.frame(time = v$time, weeks = ceiling(v$time / 7), status = v$status, trt = v$trt, karno = v$karno, age = v$age, prior = v$prior,
  small = 1 * (v$celltype == "smallcell"), adeno = 1 * (v$celltype == "adeno"), large = 1 * (v$celltype == "large"), cell = match(v$celltype, sort(unique(v$celltype))),
  weight = 0.25 + (seq_along(v$time) %% 5) / 2, half = v$age / 50, pair = rep(seq_len(69), each = 2)[seq_along(v$time)])
h <- read("heart"); D$heart_late <- transform(h[h$stop > 12, ], start = pmax(start, 5))[, c("start", "stop", "event", "age", "year", "surgery", "transplant", "id")]
col <- read("colon_death"); D$colon <- data.frame(time = col$time, status = col$status, lev = 1 * (col$rx == "Lev"), lev5 = 1 * (col$rx == "Lev+5FU"), node4 = col$node4, extent = col$extent, years = ceiling(col$time / 365.25))
r <- read("rats"); D$rats_sex <- data.frame(time = r$time, status = r$status, rx = r$rx, male = 1 * (r$sex == "m"), litter = r$litter, sex = r$sex)
inline <- c("pbc_trial", "veteran_cells", "heart_late", "colon", "rats_sex")

# A model in our arguments and in R's.
M <- list(
  lung = list(data = "lung", x = c("age", "sex")),
  lung_breslow = list(data = "lung", x = c("age", "sex"), ties = "breslow"),
  lung_strata = list(data = "lung", x = "age", strata = "sex"),
  ovarian = list(data = "ovarian", time = "futime", event = "fustat", x = c("age", "rx")),
  veteran_weeks = list(data = "veteran_cells", time = "weeks", x = c("trt", "karno", "age")),
  veteran_weeks_breslow = list(data = "veteran_cells", time = "weeks", x = c("trt", "karno", "age"), ties = "breslow"),
  veteran_weighted = list(data = "veteran_cells", time = "weeks", x = c("karno", "age"), weights = "weight"),
  veteran_offset = list(data = "veteran_cells", x = c("trt", "karno"), offset = "half"),
  veteran_cells = list(data = "veteran_cells", x = c("trt", "karno", "small", "adeno", "large")),
  veteran_strata = list(data = "veteran_cells", x = c("trt", "karno"), strata = "cell", weights = "weight"),
  pbc = list(data = "pbc_trial", event = "death", x = c("age", "edema", "log_bili", "albumin")),
  heart = list(data = "heart", time = "stop", event = "event", entry = "start", x = c("age", "year", "surgery", "transplant")),
  heart_breslow = list(data = "heart", time = "stop", event = "event", entry = "start", x = c("age", "surgery"), ties = "breslow"),
  heart_late = list(data = "heart_late", time = "stop", event = "event", entry = "start", x = c("age", "year"), strata = "transplant"),
  bladder = list(data = "bladder2", time = "stop", event = "event", entry = "start", x = c("rx", "size", "number"), strata = "enum", cluster = "id"),
  colon = list(data = "colon", x = c("lev", "lev5", "node4", "extent")),
  colon_years = list(data = "colon", time = "years", x = c("lev", "lev5", "node4")),
  rats = list(data = "rats_sex", x = "rx", strata = "male", cluster = "litter"))

fit <- function(o) {
  d <- D[[o$data]]
  time <- if (is.null(o$time)) "time" else o$time; event <- if (is.null(o$event)) "status" else o$event
  y <- if (is.null(o$entry)) sprintf("Surv(%s, %s)", time, event) else sprintf("Surv(%s, %s, %s)", o$entry, time, event)
  right <- c(o$x, if (!is.null(o$strata)) sprintf("strata(%s)", o$strata), if (!is.null(o$offset)) sprintf("offset(%s)", o$offset))
  arguments <- list(formula = as.formula(paste(y, "~", paste(right, collapse = " + "))), data = d, ties = if (is.null(o$ties)) "efron" else o$ties, control = C, x = TRUE, y = TRUE, model = TRUE)
  if (!is.null(o$weights)) { arguments$weights <- d[[o$weights]]; arguments$robust <- FALSE }
  if (!is.null(o$cluster)) arguments$cluster <- d[[o$cluster]]
  do.call(coxph, arguments)
}
ours <- function(o) {
  a <- list(time = if (is.null(o$time)) "time" else o$time, event = if (is.null(o$event)) "status" else o$event, covariates = I(o$x))
  for (n in c("entry", "strata", "weights", "offset", "cluster", "ties")) if (!is.null(o[[n]])) a[[n]] <- o[[n]]
  if (!is.null(o$weights)) a$robust <- FALSE
  a
}
iterated <- "both iterate to the maximum and add up in another order"
after <- function(id, name, fun, values, arguments = empty(), ...) add(paste0(fun, ", ", id), "cox", "r", values, ours(M[[name]]), data = M[[name]]$data, then = list(list(paste0("stats.", fun), arguments)), ...)
some <- function(n, k = 12) unique(round(seq(1, n, length.out = k)))
elements <- function(prefix, x, at) setNames(as.list(x[at]), sprintf("%s[%d]", prefix, at - 1))

for (name in names(M)) {
  o <- M[[name]]; m <- fit(o); d <- D[[o$data]]
  # Baseline, at zero and at the means; std err and limits of a curve at zero by survfit.
  zero <- as.data.frame(matrix(0, 1, length(o$x), dimnames = list(NULL, o$x)))
  if (!is.null(o$offset)) zero[[o$offset]] <- 0
  where <- lapply(o$x, function(x) unname(quantile(d[[x]], 0.7, type = 1))); names(where) <- o$x
  s0 <- if (is.null(o$strata)) "" else sort(unique(d[[o$strata]]))
  values <- list(); predicted <- list()
  nd <- as.data.frame(where); if (!is.null(o$offset)) nd[[o$offset]] <- 0.3
  for (i in seq_along(s0)) {
    z <- zero; q <- nd
    if (!is.null(o$strata)) { z[[o$strata]] <- s0[i]; q[[o$strata]] <- s0[i] }
    s <- survfit(m, newdata = z); at <- some(length(s$time))
    values <- c(values, elements(sprintf("strata[%d].time", i - 1), s$time, at), elements(sprintf("strata[%d].cumulative_hazard", i - 1), s$cumhaz, at),
                elements(sprintf("strata[%d].std_err", i - 1), s$std.err, at), elements(sprintf("strata[%d].n_at_risk", i - 1), s$n.risk, at))
    s <- survfit(m, newdata = q)
    predicted <- c(predicted, elements(sprintf("curves[%d].survival", i - 1), s$surv, at), elements(sprintf("curves[%d].log_std_err", i - 1), s$std.err, at),
                   elements(sprintf("curves[%d].lower", i - 1), s$lower, at), elements(sprintf("curves[%d].upper", i - 1), s$upper, at))
  }
  after(paste0(name, " at zero"), name, "baseline_hazard", values, tolerance = 1e-7, reason = iterated)
  arguments <- list(covariates = where); if (!is.null(o$offset)) arguments$offset <- I(0.3)
  after(paste0(name, " at chosen covariates"), name, "predicted_survival", predicted, arguments, tolerance = 1e-7, reason = iterated)
  # Residuals. Rows in our order; Schoenfeld by stratum, time, row.
  n <- nrow(d); at <- some(n, 15)
  for (kind in c("martingale", "deviance", "score", "dfbeta", "dfbetas")) {
    r <- residuals(m, type = kind, weighted = FALSE); if (is.matrix(r)) r <- unname(r) else if (length(o$x) == 1 && !(kind %in% c("martingale", "deviance"))) r <- matrix(r)
    value <- if (is.matrix(r)) setNames(lapply(at, function(i) I(r[i, ])), sprintf("values[%d]", at - 1)) else elements("values", unname(r), at)
    after(paste0(kind, ", ", name), name, "cox_residuals", value, list(kind = kind, weighted = FALSE), tolerance = 1e-7, reason = iterated)
  }
  if (!is.null(o$weights)) for (kind in c("martingale", "score", "dfbeta")) {
    r <- unname(residuals(m, type = kind, weighted = TRUE, collapse = d$pair))
    after(paste0(kind, ", weighted, collapsed, ", name), name, "cox_residuals", list(values = if (is.matrix(r)) r else I(r)), list(kind = kind, weighted = TRUE, collapse = I(d$pair)), tolerance = 1e-7, reason = iterated)
  }
  # R leaves a term out of the deviance of a cluster of several events: see coxfit_exact.py for that.
  if (!is.null(o$cluster)) for (kind in c("martingale", "dfbeta")) {
    r <- unname(residuals(m, type = kind, weighted = FALSE, collapse = d[[o$cluster]])); if (length(o$x) == 1 && kind == "dfbeta") r <- matrix(r)
    after(paste0(kind, ", collapsed, ", name), name, "cox_residuals", list(values = if (is.matrix(r)) r else I(r)), list(kind = kind, weighted = FALSE, collapse = I(d[[o$cluster]])), tolerance = 1e-7, reason = iterated)
  }
  for (kind in c("schoenfeld", "scaledsch")) {
    r <- residuals(m, type = kind); r <- if (is.matrix(r)) unname(r) else matrix(r)
    at <- some(nrow(r), 12); at <- at[apply(abs(as.matrix(residuals(m, type = "schoenfeld"))[at, , drop = FALSE]), 1, max) > 1e-9]  # the last event alone at risk: rounding of 0
    after(paste0(kind, ", ", name), name, "cox_residuals", setNames(lapply(at, function(i) I(r[i, ])), sprintf("values[%d]", at - 1)), list(kind = if (kind == "schoenfeld") kind else "scaled schoenfeld"), tolerance = 1e-7, reason = iterated)
  }
  # Proportional hazards; clusters do not enter the test.
  for (transform in c("km", "identity", "rank", "log")) {
    if (name == "bladder" && transform == "log") next
    z <- cox.zph(m, transform = transform, terms = FALSE); t <- z$table; k <- nrow(t)
    y <- z$y; if (is.null(dim(y))) y <- matrix(y)
    values <- list(chi_square = I(unname(t[-k, 1])), df = I(unname(t[-k, 2])), p_value_two_sided = I(unname(t[-k, 3])), global_test.chi_square = t[k, 1], global_test.p_value_two_sided = t[k, 3], variance = unname(as.matrix(z$var)))
    # Events tied in time come in another order in R where there are entries: only events of a time of their own.
    key <- paste(if (is.null(z$strata)) 1 else z$strata, z$time); alone <- which(!(duplicated(key) | duplicated(key, fromLast = TRUE)))
    if (length(alone)) for (i in alone[some(length(alone), 5)]) values[[sprintf("scaled[%d]", i - 1)]] <- I(unname(y[i, ]))
    if (length(alone)) for (i in alone[some(length(alone), 5)]) values[[sprintf("transformed[%d]", i - 1)]] <- z$x[i]
    after(paste0(transform, ", ", name), name, "proportional_hazards_test", values, list(transform = transform), tolerance = 1e-6, reason = iterated)
  }
  # Concordance of the model.
  for (weights in c("n", if (is.null(o$entry)) c("S", "S/G", "n/G2", "I"))) {
    k <- concordance(m, timewt = weights); count <- if (is.matrix(k$count)) colSums(k$count) else k$count
    after(paste0(weights, ", ", name), name, "concordance", list(estimate = k$concordance, std_err = sqrt(k$var), somers_d = 2 * k$concordance - 1, concordant = count[[1]], discordant = count[[2]], tied_marker = count[[3]], tied_time = count[[4]], tied_both = count[[5]]), list(time_weights = weights))
  }
}

# Terms of several columns.
cells <- transform(D$veteran_cells, kind = factor(ifelse(small == 1, "b", ifelse(adeno == 1, "c", ifelse(large == 1, "d", "a")))))
z <- cox.zph(coxph(Surv(time, status) ~ trt + karno + kind, cells, control = C)); k <- nrow(z$table)
after("terms of several columns", "veteran_cells", "proportional_hazards_test", list(chi_square = I(unname(z$table[-k, 1])), df = I(unname(z$table[-k, 2])), p_value_two_sided = I(unname(z$table[-k, 3])), global_test.chi_square = z$table[k, 1], "scaled[0]" = I(unname(z$y[1, ])), variance = unname(z$var)),
      list(terms = list(trt = I("trt"), karno = I("karno"), kind = c("small", "adeno", "large"))), tolerance = 1e-6, reason = iterated)
# The smooth of plot.cox.zph.
for (name in c("lung", "veteran_cells", "pbc")) {
  z <- cox.zph(fit(M[[name]]), terms = FALSE); px <- seq(min(z$x), max(z$x), length.out = 40); l <- splines::ns(c(px, z$x), df = 4, intercept = TRUE)
  pm <- l[1:40, ]; q <- qr(l[-(1:40), ]); bk <- backsolve(q$qr[1:4, 1:4], diag(4)); se <- 2 * sqrt(z$var[1, 1] * ((pm %*% (bk %*% t(bk))) * pm) %*% rep(1, 4)); f <- pm %*% qr.coef(q, z$y[, 1])
  cases[[length(cases) + 1]] <- case(paste0("smooth of scaled residuals, ", name), "cox", "r", list(transformed = I(px), value = I(as.vector(f)), lower = I(as.vector(f - se)), upper = I(as.vector(f + se))), ours(M[[name]]), data = M[[name]]$data,
    then = list(list("stats.proportional_hazards_test", empty()), list("smooth", empty())), tolerance = 1e-6, reason = iterated)
}
# Intervals, levels and medians of predicted curves.
m <- fit(M$lung)
for (interval in c("log", "log-log", "plain", "logit", "arcsin")) for (level in c(0.95, 0.9)) {
  s <- survfit(m, newdata = data.frame(age = 63, sex = 1), conf.type = interval, conf.int = level); at <- some(length(s$time)); at <- at[s$surv[at] < 1]; q <- quantile(s, 0.5)
  after(paste0(interval, ", level ", level), "lung", "predicted_survival", c(elements("curves[0].lower", s$lower, at), elements("curves[0].upper", s$upper, at), elements("curves[0].std_err", s$std.err * s$surv, at)),
        list(covariates = list(age = 63, sex = 1), interval = interval, confidence_level = level), tolerance = 1e-7, reason = iterated)
  add(paste0("predicted_survival, median, ", interval, ", level ", level), "cox", "r", list(estimate = q$quantile[[1]], lower = q$lower[[1]], upper = q$upper[[1]]), ours(M$lung), data = "lung",
      then = list(list("stats.predicted_survival", list(covariates = list(age = 63, sex = 1), interval = interval, confidence_level = level)), list("median", empty())))
}
b <- basehaz(m, centered = TRUE); at <- some(nrow(b))
after("lung at the means", "lung", "baseline_hazard", elements("strata[0].cumulative_hazard", b$hazard, at), list(centered = TRUE), tolerance = 1e-7, reason = iterated)
# Concordance of a marker, with everything.
alone <- function(id, data, marker, time = "time", event = "status", strata = NULL, weights = NULL, cluster = NULL, entry = NULL, w = "n") {
  d <- D[[data]]; y <- if (is.null(entry)) Surv(d[[time]], d[[event]]) else Surv(d[[entry]], d[[time]], d[[event]])
  k <- survival:::concordancefit(y, d[[marker]], strata = if (is.null(strata)) NULL else d[[strata]], weights = if (is.null(weights)) NULL else d[[weights]], cluster = if (is.null(cluster)) NULL else d[[cluster]], timewt = w, reverse = TRUE)
  count <- if (is.matrix(k$count)) colSums(k$count) else k$count
  a <- list(time = time, event = event, marker = marker); for (x in c("strata", "weights", "cluster", "entry")) if (!is.null(get(x))) a[[x]] <- get(x)
  if (w != "n") a$time_weights <- w
  add(paste0("concordance, marker, ", id), "concordance", "r", list(estimate = k$concordance, std_err = sqrt(k$var), concordant = count[[1]], discordant = count[[2]], tied_marker = count[[3]], tied_time = count[[4]], tied_both = count[[5]]), a, data = data)
}
alone("lung age", "lung", "age"); alone("veteran karno in weeks", "veteran_cells", "karno", "weeks"); alone("veteran strata", "veteran_cells", "karno", "weeks", strata = "cell")
alone("veteran weights", "veteran_cells", "age", "weeks", weights = "weight"); alone("veteran strata, weights, cluster", "veteran_cells", "karno", "weeks", strata = "cell", weights = "weight", cluster = "pair")
alone("heart entry", "heart", "age", "stop", "event", entry = "start", cluster = "id"); alone("bladder, strata, entry, cluster", "bladder2", "number", "stop", "event", entry = "start", strata = "enum", cluster = "id")
alone("colon years", "colon", "node4", "years"); alone("pbc Uno", "pbc_trial", "log_bili", event = "death", w = "n/G2"); alone("veteran Uno, weights", "veteran_cells", "age", "weeks", weights = "weight", w = "n/G2")
# Log-log curves.
s <- survfit(Surv(time, status) ~ trt, v); for (i in 1:2) { x <- s[i]; k <- x$n.event > 0 & x$surv > 0 & x$surv < 1
  add(paste("log_log_curves, veteran, arm", i), "log_log_curves", "r", setNames(list(I(log(x$time[k])), I(log(-log(x$surv[k])))), sprintf(c("curves[%d].log_time", "curves[%d].log_minus_log_survival"), i - 1)), list(time = "time", event = "status", group = "trt", groups = 1:2), data = "veteran") }

data <- c(setNames(lapply(inline, function(n) lapply(as.list(D[[n]]), I)), inline), setNames(lapply(setdiff(names(D), inline), function(n) paste0(n, ".csv")), setdiff(names(D), inline)))
write_evidence("src/equipoise/validation/evidence/coxfit_r.json", "coxfit",
  list(r = list(kind = "program", name = paste0("R ", getRversion(), ", survival ", packageVersion("survival")), script = "verification/evidence/coxfit.R")), data, cases)
cat(length(cases), "cases\n")
