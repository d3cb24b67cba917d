# Backward selection and univariate screens step by step: Rscript verification/evidence/selection.R (repository's root)
suppressMessages(library(survival))
source("verification/evidence/json.R")
cases <- list()
add <- function(...) cases[[length(cases) + 1]] <<- case(...)
folder <- "src/equipoise/validation/data/"
read <- function(name) read.csv(paste0(folder, name, ".csv"), check.names = FALSE, stringsAsFactors = FALSE)
v <- function(x) I(unname(as.vector(x)))
# Columns of each term; a text column is a factor with sorted levels.
columns <- function(d, terms) lapply(terms, function(t) { x <- d[[t]]; if (is.character(x)) { l <- sort(unique(x)); m <- sapply(l[-1], function(k) as.numeric(x == k)); m } else matrix(x, ncol = 1) })
fit <- function(kind, d, mats, strata, ties) {
  X <- if (length(mats)) do.call(cbind, mats) else NULL
  if (kind == "cox") {
    S <- Surv(d$.time, d$.event); control <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 100)
    st <- if (is.null(strata)) rep(1, nrow(d)) else do.call(interaction, lapply(strata, function(s) d[[s]]))
    if (is.null(X)) { m <- coxph(S ~ strata(st), ties = ties); return(list(l = m$loglik[1], b = numeric(), V = NULL, n = nrow(d), e = sum(d$.event), k = 0, score = 0)) }
    m <- coxph(S ~ X + strata(st), ties = ties, control = control)
    list(l = m$loglik[2], b = unname(coef(m)), V = unname(vcov(m)), n = nrow(d), e = sum(d$.event), k = length(coef(m)), score = m$score)
  } else {
    y <- d$.event; Z <- cbind(rep(1, nrow(d)), X); m <- suppressWarnings(glm.fit(Z, y, family = binomial(), control = glm.control(1e-16, 200))); b <- unname(m$coefficients)
    for (i in 1:2) { p <- plogis(drop(Z %*% b)); b <- b + solve(crossprod(Z, p * (1 - p) * Z), crossprod(Z, y - p))[, 1] }
    p <- plogis(drop(Z %*% b)); V <- solve(crossprod(Z, p * (1 - p) * Z)); l <- sum(y * log(p) + (1 - y) * log1p(-p))
    p0 <- mean(y); U <- crossprod(Z, y - p0); s <- if (is.null(X)) 0 else drop(t(U) %*% solve(crossprod(Z, p0 * (1 - p0) * Z), U))
    list(l = l, b = b[-1], V = V[-1, -1, drop = FALSE], n = length(y), e = sum(y), k = length(b), score = s)
  }
}
complete_rows <- function(d, terms) if (length(terms)) complete.cases(d[, terms, drop = FALSE]) else rep(TRUE, nrow(d))
term_test <- function(kind, d, mats, j, f, strata, ties, test) {
  q <- sapply(mats, ncol); at <- sum(q[seq_len(j - 1)]) + seq_len(q[j])
  chi <- if (test == "wald") drop(t(f$b[at]) %*% solve(f$V[at, at, drop = FALSE]) %*% f$b[at]) else 2 * (f$l - fit(kind, d, mats[-j], strata, ties)$l)
  c(chi = chi, df = unname(q[j]), p = pchisq(chi, q[j], lower.tail = FALSE))
}
backward <- function(kind, d, terms, forced = character(), strata = NULL, ties = "efron", stay = .15, test = "wald", missing = "fixed") {
  fixed <- complete_rows(d, terms); left <- terms; log <- list(); removed <- character(); last <- NULL
  repeat {
    # Levels are those of the whole column; sorted levels agree as no level occurs in incomplete rows alone.
    rows <- if (missing == "fixed") fixed else complete_rows(d, left)
    dd <- d[rows, ]; mats <- columns(dd, left); f <- fit(kind, dd, mats, strata, ties)
    tests <- if (length(left)) t(sapply(seq_along(left), function(j) term_test(kind, dd, mats, j, f, strata, ties, test))) else NULL
    log[[length(log) + 1]] <- list(f = f, last = last, n = f$n, excluded = sum(!rows), tests = tests)
    free <- which(!(left %in% forced)); if (!length(free)) break
    worst <- free[which.max(tests[free, "p"])]; if (tests[worst, "p"] <= stay) break
    last <- tests[worst, ]; removed <- c(removed, left[worst]); left <- left[-worst]
  }
  list(log = log, removed = removed, selected = left)
}
selection_values <- function(s, kind) {
  values <- list()
  for (i in seq_along(s$removed)) { at <- paste0("steps[", i, "]"); values[[paste0("removed[", i - 1, "]")]] <- s$removed[i]
    for (k in c("chi", "df", "p")) values[[paste0(at, ".test.", c(chi = "chi_square", df = "df", p = "p_value_two_sided")[k])]] <- unname(s$log[[i + 1]]$last[k]) }
  for (i in seq_along(s$log)) { f <- s$log[[i]]$f; at <- paste0("steps[", i - 1, "]")
    values[[paste0(at, ".log_likelihood")]] <- f$l; values[[paste0(at, ".aic")]] <- 2 * f$k - 2 * f$l; values[[paste0(at, ".n")]] <- f$n; values[[paste0(at, ".n_events")]] <- f$e
    values[[paste0(at, ".n_excluded")]] <- s$log[[i]]$excluded }
  for (i in seq_along(s$selected)) values[[paste0("selected[", i - 1, "]")]] <- s$selected[i]
  end <- s$log[[length(s$log)]]$f
  first <- if (kind == "cox") -1 else 0  # the intercept of a logistic model comes first
  for (i in seq_along(end$b)) { values[[paste0("model.coefficients[", first + i, "]")]] <- end$b[i]; values[[paste0("model.std_err[", first + i, "]")]] <- sqrt(end$V[i, i]) }
  tests <- s$log[[length(s$log)]]$tests
  if (!is.null(tests)) for (i in seq_len(nrow(tests))) values[[paste0("tests[", i - 1, "].p_value_two_sided")]] <- unname(tests[i, "p"])
  values
}
data <- list()
loose <- "P values move by as much as their chi-squares times the slope of the tail"
run <- function(id, kind, name, y, terms, ...) {
  o <- list(...); d <- read(name); d$.event <- d[[y[length(y)]]]; if (kind == "cox") d$.time <- d[[y[1]]]
  if (!is.null(o$data_change)) { d <- o$data_change(d); o$data_change <- NULL }
  s <- do.call(backward, c(list(kind, d, terms), o))
  arguments <- c(if (kind == "cox") list(time = y[1], event = y[2]) else list(response = y[1]), list(terms = I(terms)))
  for (k in names(o)) arguments[[k]] <- if (k %in% c("forced", "strata")) I(o[[k]]) else o[[k]]
  data[[name]] <<- paste0(name, ".csv")
  add(id, paste0("backward_selection_", kind), kind, selection_values(s, kind), arguments, name, requirements = 162, tolerance = 1e-7, reason = loose)
  cat(id, ":", s$removed, "|", s$selected, "\n")
}
lung <- c("age", "sex", "ph.ecog", "ph.karno", "pat.karno", "meal.cal", "wt.loss"); tv <- c("time", "status")
run("lung, Wald", "cox", "lung", tv, lung)
run("lung, Wald, Breslow", "cox", "lung", tv, lung, ties = "breslow")
run("lung, likelihood ratio", "cox", "lung", tv, lung, test = "likelihood-ratio")
run("lung, refitted", "cox", "lung", tv, lung, missing = "refitted")
run("lung, refitted, likelihood ratio, stay .05", "cox", "lung", tv, lung, missing = "refitted", test = "likelihood-ratio", stay = .05)
run("lung, age forced", "cox", "lung", tv, lung, forced = "age")
run("lung, strata of sex", "cox", "lung", tv, setdiff(lung, "sex"), strata = "sex")
run("lung, all leave", "cox", "lung", tv, c("meal.cal", "age"), stay = .001)
veteran <- c("trt", "celltype", "karno", "diagtime", "age", "prior")
run("veteran, a factor of four levels", "cox", "veteran", tv, veteran)
run("veteran, likelihood ratio", "cox", "veteran", tv, veteran, test = "likelihood-ratio")
run("veteran, treatment forced", "cox", "veteran", tv, veteran, forced = "trt", stay = .05)
run("veteran, strata of cell type", "cox", "veteran", tv, setdiff(veteran, "celltype"), strata = "celltype", ties = "breslow")
colon <- c("rx", "sex", "age", "obstruct", "perfor", "adhere", "nodes", "differ", "extent", "surg")
for (n in c("colon_recurrence", "colon_death")) {
  run(paste0(n, ", Wald"), "cox", n, tv, colon)
  run(paste0(n, ", likelihood ratio, refitted"), "cox", n, tv, colon, test = "likelihood-ratio", missing = "refitted")
  run(paste0(n, ", arm forced, strata of surgery"), "cox", n, tv, setdiff(colon, "surg"), forced = "rx", strata = "surg")
  run(paste0(n, ", logistic"), "logistic", n, "status", colon)
  run(paste0(n, ", logistic, likelihood ratio"), "logistic", n, "status", colon, test = "likelihood-ratio", stay = .05)
  run(paste0(n, ", logistic, refitted"), "logistic", n, "status", colon, missing = "refitted", forced = "rx")
}
run("kidney", "cox", "kidney", tv, c("age", "sex", "disease"))
run("ovarian", "cox", "ovarian", c("futime", "fustat"), c("age", "resid.ds", "rx", "ecog.ps"))
run("veteran, logistic", "logistic", "veteran", "status", veteran)
run("heart, logistic", "logistic", "heart", "event", c("age", "year", "surgery", "transplant"))
# primary biliary cirrhosis: death, transplant as censoring; the event is made here and written along
d <- read("pbc"); d$dead <- as.numeric(d$status == 2); pbc_terms <- c("trt", "age", "sex", "ascites", "hepato", "spiders", "edema", "bili", "chol", "albumin", "copper", "alk.phos", "ast", "trig", "platelet", "protime", "stage")
d <- d[, c("time", "dead", pbc_terms)]; pbc_frame <- d
text <- tempfile(); data$pbc_dead <- lapply(d, v)
read_csv <- read; read <- function(name) if (name == "pbc_dead") pbc_frame else read_csv(name)
run("pbc, seventeen candidates", "cox", "pbc_dead", c("time", "dead"), pbc_terms); data$pbc_dead <- lapply(d, v)
run("pbc, refitted, likelihood ratio", "cox", "pbc_dead", c("time", "dead"), pbc_terms, missing = "refitted", test = "likelihood-ratio", stay = .05); data$pbc_dead <- lapply(d, v)
run("pbc, logistic", "logistic", "pbc_dead", "dead", pbc_terms); data$pbc_dead <- lapply(d, v)

# ---- univariate screens
screen <- function(id, kind, name, y, terms, test, missing = "refitted", strata = NULL, ties = "efron") {
  d <- read(name); d$.event <- d[[y[length(y)]]]; if (kind == "cox") d$.time <- d[[y[1]]]; values <- list(); fixed <- complete_rows(d, terms)
  for (i in seq_along(terms)) { rows <- if (missing == "fixed") fixed else complete_rows(d, terms[i]); dd <- d[rows, ]; mats <- columns(dd, terms[i]); f <- fit(kind, dd, mats, strata, ties); k <- ncol(mats[[1]])
    t <- if (test == "score") c(f$score, k, pchisq(f$score, k, lower.tail = FALSE)) else unname(term_test(kind, dd, mats, 1, f, strata, ties, test)); at <- paste0("terms[", i - 1, "].")
    values[[paste0(at, "chi_square")]] <- t[1]; values[[paste0(at, "df")]] <- t[2]; values[[paste0(at, "p_value_two_sided")]] <- t[3]; values[[paste0(at, "n")]] <- f$n; values[[paste0(at, "n_excluded")]] <- sum(!rows)
    first <- if (kind == "cox") 0 else 1; for (c in seq_len(k)) values[[paste0(at, "model.coefficients[", first + c - 1, "]")]] <- f$b[c] }
  arguments <- c(if (kind == "cox") list(time = y[1], event = y[2], ties = ties) else list(response = y[1]), list(terms = I(terms), test = test, missing = missing)); if (!is.null(strata)) arguments$strata <- I(strata)
  add(id, paste0("univariate_screen_", kind), kind, values, arguments, name, requirements = 162, tolerance = 1e-7, reason = loose)
}
for (test in c("wald", "likelihood-ratio", "score")) {
  screen(paste("lung alone,", test), "cox", "lung", tv, lung, test); screen(paste("veteran alone,", test), "cox", "veteran", tv, setdiff(veteran, "prior"), test, strata = "prior", ties = "breslow")
  screen(paste("colon alone, logistic,", test), "logistic", "colon_death", "status", colon, test); screen(paste("colon alone, fixed,", test), "cox", "colon_death", tv, colon, test, missing = "fixed")
}
used <- unique(vapply(cases, function(x) x$data, ""))
program <- function(name) list(kind = "program", name = paste0("R ", getRversion(), ", ", name), script = "verification/evidence/selection.R")
write_evidence("src/equipoise/validation/evidence/selection_r.json", "selection",
  list(cox = program(paste("survival", packageVersion("survival"), "coxph refitted at each step, the largest P removed")), logistic = program("glm.fit refitted at each step, the largest P removed")), data[used], cases)
cat(length(cases), "cases\n")
