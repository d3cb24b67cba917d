# Evidence for cox, profile_intervals, interaction_test and indicators: Rscript verification/evidence/cox.R
suppressMessages(library(survival))
source("verification/evidence/json.R")
C <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 100)
cases <- list()
add <- function(...) cases[[length(cases) + 1]] <<- case(...)
folder <- "src/equipoise/validation/data"
read <- function(name) read.csv(file.path(folder, paste0(name, ".csv")), na.strings = "NA")
files <- c("lung", "veteran", "ovarian", "kidney", "rats", "heart", "bladder2", "colon_recurrence", "colon_death", "stanford2", "aml")
D <- setNames(lapply(files, read), files)

# Data that need more than a file: complete cases, indicators, transformed covariates.
p <- read("pbc"); p <- p[!is.na(p$trt) & !is.na(p$protime), ]
D$pbc_complete <- data.frame(time = p$time, death = 1 * (p$status == 2), age = p$age, edema = p$edema, log_bili = log(p$bili),
                             log_albumin = log(p$albumin), log_protime = log(p$protime), trt = p$trt, stage = p$stage)
l <- read("lung"); l <- l[complete.cases(l[, c("inst", "ph.ecog", "ph.karno", "wt.loss")]), ]
D$lung_complete <- data.frame(time = l$time, status = l$status, inst = l$inst, age = l$age, sex = l$sex, ecog = l$ph.ecog, karno = l$ph.karno,
                              loss = l$wt.loss, weight = round(0.4 + (l$age %% 7) / 3, 6), shift = l$ph.karno / 200, months = ceiling(l$time / 30.4375))
v <- read("veteran")
D$veteran_cells <- data.frame(time = v$time, status = v$status, trt = v$trt, karno = v$karno, diagtime = v$diagtime, age = v$age, prior = v$prior,
                              small = 1 * (v$celltype == "smallcell"), adeno = 1 * (v$celltype == "adeno"), large = 1 * (v$celltype == "large"),
                              cell = match(v$celltype, unique(v$celltype)), weight = 0.25 + (seq_along(v$time) %% 5) / 2, weeks = ceiling(v$time / 7))
h <- read("heart")
D$heart_late <- transform(h[h$stop > 12, ], start = pmax(start, 5), late = 0.1 * year)
D$heart_late <- D$heart_late[, c("start", "stop", "event", "age", "year", "surgery", "transplant", "late")]
inline <- c("pbc_complete", "lung_complete", "veteran_cells", "heart_late")

# Values of a fit under the names of the result.
values_of <- function(m, level = 0.95, offset = FALSE) {
  b <- unname(m$coefficients); naive <- if (is.null(m$naive.var)) m$var else m$naive.var
  se <- sqrt(diag(naive)); used <- sqrt(diag(m$var)); z <- b / used; q <- qnorm((1 + level) / 2)
  df <- sum(!is.na(b)); lr <- 2 * diff(m$loglik)
  wald <- as.vector(b %*% solve(m$var, b))
  v <- list(n = m$n, n_events = m$nevent, coefficients = I(b), std_err = I(se), covariance = unname(naive), wald_z = I(z), p_value_two_sided = I(2 * pnorm(-abs(z))),
            hazard_ratio = I(exp(b)), lower = I(exp(b - q * used)), upper = I(exp(b + q * used)),
            log_likelihood_null = m$loglik[1], log_likelihood = m$loglik[2],
            likelihood_ratio.chi_square = lr, likelihood_ratio.df = df, likelihood_ratio.p_value_two_sided = pchisq(lr, df, lower.tail = FALSE),
            wald.chi_square = wald, wald.p_value_two_sided = pchisq(wald, df, lower.tail = FALSE),
            score.chi_square = m$score, score.p_value_two_sided = pchisq(m$score, df, lower.tail = FALSE))
  if (!is.null(m$naive.var)) v <- c(v, list(robust_std_err = I(used), robust_covariance = unname(m$var), robust_score.chi_square = as.vector(m$rscore)))
  if (offset) v$robust_score.chi_square <- NULL  # R leaves the offset out of its robust score
  if (is.null(m$nevent)) v <- v[setdiff(names(v), c("n", "n_events"))]
  v
}

fit <- function(data, covariates, time = "time", event = "status", entry = NULL, strata = NULL, offset = NULL, weights = NULL, cluster = NULL, robust = NULL, ties = "efron") {
  y <- if (is.null(entry)) sprintf("Surv(%s, %s)", time, event) else sprintf("Surv(%s, %s, %s)", entry, time, event)
  right <- c(covariates, if (!is.null(strata)) sprintf("strata(%s)", paste(strata, collapse = ", ")), if (!is.null(offset)) sprintf("offset(%s)", offset))
  arguments <- list(formula = as.formula(paste(y, "~", paste(right, collapse = " + "))), data = data, ties = if (ties == "exact-partial") "exact" else ties, control = C)
  if (!is.null(weights)) arguments$weights <- data[[weights]]
  if (!is.null(cluster)) arguments$cluster <- data[[cluster]]
  if (!is.null(robust)) arguments$robust <- robust
  m <- do.call(coxph, arguments)
  unclass(m)
}

one <- function(name, covariates, ..., id = NULL, level = NULL) {
  options <- list(...)
  m <- do.call(fit, c(list(D[[name]], covariates), options))
  if (Sys.getenv("TELL") != "") cat(name, covariates, unlist(options), format(Sys.time()), "\n", file = stderr())
  arguments <- modifyList(list(time = "time", event = "status"), options)
  arguments$covariates <- I(covariates)
  if (!is.null(arguments$strata)) arguments$strata <- if (length(arguments$strata) > 1) I(arguments$strata) else arguments$strata
  if (!is.null(level)) arguments$confidence_level <- level
  told <- paste(sprintf("%s %s", setdiff(names(options), c("time", "event")), vapply(options[setdiff(names(options), c("time", "event"))], function(x) paste(x, collapse = "+"), "")), collapse = ", ")
  add(paste0("cox, ", name, ": ", paste(covariates, collapse = " + "), if (nchar(told)) paste0(", ", told), if (!is.null(level)) paste0(", level ", level)), "cox", "r",
      values_of(m, if (is.null(level)) 0.95 else level, !is.null(options$offset)), arguments, data = name)
}

three <- c("efron", "breslow", "exact-partial")
two <- c("efron", "breslow")
for (ties in three) {
  one("lung", c("age", "sex"), ties = ties)
  one("lung", "sex", strata = "age", ties = ties)
  one("lung_complete", c("age", "sex", "ecog", "loss"), ties = ties)
  one("lung_complete", c("age", "sex", "karno"), time = "months", ties = ties)  # ties of up to a dozen
  one("lung_complete", c("age", "sex"), strata = "inst", ties = ties)
  one("lung_complete", c("age", "sex"), offset = "shift", ties = ties)
  one("veteran", c("trt", "karno", "age"), ties = ties)
  one("veteran", c("trt", "karno", "diagtime", "age", "prior"), strata = "celltype", ties = ties)
  one("veteran_cells", c("trt", "small", "adeno", "large", "karno"), time = "weeks", ties = ties)
  one("ovarian", c("age", "rx"), event = "fustat", time = "futime", ties = ties)
  one("ovarian", c("age", "resid.ds", "rx", "ecog.ps"), event = "fustat", time = "futime", ties = ties)
  one("rats", "rx", strata = "litter", ties = ties)
  one("rats", "rx", strata = "sex", ties = ties)
  one("stanford2", "age", ties = ties)
  one("pbc_complete", c("age", "edema", "log_bili", "log_albumin", "log_protime"), event = "death", ties = ties)
  one("pbc_complete", c("age", "log_bili"), event = "death", strata = c("trt", "stage"), ties = ties)
  one("colon_recurrence", c("age", "sex", "node4"), strata = "rx", ties = ties)
  one("colon_death", c("age", "obstruct", "node4", "extent"), ties = ties)
  one("heart", c("age", "year", "surgery", "transplant"), entry = "start", time = "stop", event = "event", ties = ties)
  one("heart_late", c("age", "surgery"), entry = "start", time = "stop", event = "event", offset = "late", ties = ties)
  # R enumerates every choice when rows have entries, which the ties of bladder2 make too many.
  if (ties != "exact-partial") one("bladder2", c("rx", "number", "size"), entry = "start", time = "stop", event = "event", strata = "enum", ties = ties)
}
for (ties in two) {
  one("lung_complete", c("age", "sex"), weights = "weight", ties = ties)
  one("lung_complete", c("age", "sex"), weights = "weight", robust = FALSE, ties = ties)
  one("lung_complete", c("age", "sex", "karno"), time = "months", weights = "weight", strata = "ecog", ties = ties)
  one("lung", c("age", "sex"), robust = TRUE, ties = ties)
  one("lung", "sex", weights = "age", ties = ties)
  one("lung_complete", c("age", "sex"), cluster = "inst", ties = ties)
  one("veteran_cells", c("trt", "karno"), weights = "weight", strata = "cell", offset = "prior", ties = ties)
  one("veteran_cells", c("trt", "karno"), time = "weeks", cluster = "cell", weights = "weight", ties = ties)
  one("kidney", c("age", "sex"), cluster = "id", ties = ties)
  one("kidney", c("age", "sex"), cluster = "id", strata = "disease", weights = "frail", ties = ties)
  one("rats", "rx", cluster = "litter", ties = ties)
  one("rats", "rx", cluster = "litter", strata = "sex", ties = ties)
  one("bladder2", c("rx", "number", "size"), entry = "start", time = "stop", event = "event", strata = "enum", cluster = "id", ties = ties)
  one("bladder2", c("rx", "number", "size"), entry = "start", time = "stop", event = "event", cluster = "id", ties = ties)
  one("heart", c("age", "year", "transplant"), entry = "start", time = "stop", event = "event", cluster = "id", ties = ties)
  one("heart", c("age", "year"), entry = "start", time = "stop", event = "event", strata = "transplant", weights = "id", ties = ties)
  one("pbc_complete", c("age", "log_bili"), event = "death", cluster = "stage", robust = TRUE, ties = ties)
  one("colon_recurrence", c("age", "node4"), robust = TRUE, strata = "rx", ties = ties)
}
one("lung", c("age", "sex"), level = 0.9)
one("kidney", "age", cluster = "id", level = 0.99)

# Profile-likelihood limits: fits with the coefficient held as an offset, and uniroot.
profile <- function(name, covariates, time = "time", event = "status", ties = "efron", strata = NULL, level = 0.95, tolerance = NULL, reason = NULL, requirement = NULL) {
  d <- D[[name]]; full <- fit(d, covariates, time = time, event = event, ties = ties, strata = strata)
  limit <- function(j, side) {
    rest <- covariates[-j]
    drop <- function(x) {
      d$held <- x * d[[covariates[j]]]
      m <- fit(d, if (length(rest)) rest else "1", time = time, event = event, ties = ties, strata = strata, offset = "held")
      2 * (full$loglik[2] - m$loglik[length(m$loglik)]) - qchisq(level, 1)
    }
    se <- sqrt(full$var[j, j]); b <- full$coefficients[j]
    uniroot(drop, sort(c(b, b + side * 6 * se)), tol = 1e-13, maxiter = 2000)$root
  }
  arguments <- list(time = time, event = event, covariates = I(covariates), ties = ties)
  if (!is.null(strata)) arguments$strata <- strata
  lower <- vapply(seq_along(covariates), limit, 0, side = -1); upper <- vapply(seq_along(covariates), limit, 0, side = 1)
  add(paste("profile limits,", name, paste(covariates, collapse = " + "), ties, strata, level), "cox", "r", data = name, arguments = arguments,
      then = list(list("stats.profile_intervals", list(confidence_level = level))),
      values = list(coefficient_lower = I(lower), coefficient_upper = I(upper), lower = I(exp(lower)), upper = I(exp(upper))))
}
for (ties in three) profile("lung", c("age", "sex"), ties = ties)
for (ties in two) profile("veteran", c("trt", "karno"), strata = "celltype", ties = ties)
profile("ovarian", c("age", "rx"), time = "futime", event = "fustat")
profile("ovarian", "rx", time = "futime", event = "fustat", level = 0.9)
profile("colon_death", c("node4", "extent"), level = 0.99)

# Interactions: the likelihood-ratio test of two models, the Wald test of the larger, its score test at the smaller's estimates.
interaction <- function(name, treatment, by, levels, further = NULL, time = "time", event = "status", strata = NULL, ties = "efron", cluster = NULL) {
  d <- D[[name]]
  d$a <- factor(d[[treatment]]); d$f <- if (levels) factor(d[[by]], levels = sort(unique(d[[by]]))) else d[[by]]
  main <- if (is.null(strata) || strata != by) c("a", "f") else "a"
  small <- fit(d, c(main, further), time = time, event = event, strata = strata, ties = ties, cluster = cluster)
  # Products as columns of their own, so that a factor among the strata needs no main effect.
  x <- model.matrix(~ a * f, d); x <- x[, grepl(":", colnames(x)), drop = FALSE]
  colnames(x) <- paste0("product", seq_len(ncol(x))); d <- cbind(d, x)
  large <- fit(d, c(main, further, colnames(x)), time = time, event = event, strata = strata, ties = ties, cluster = cluster)
  k <- length(small$coefficients) + seq_len(ncol(x))
  y <- as.formula(sprintf("Surv(%s, %s) ~ %s", time, event, paste(c(main, further, colnames(x), if (!is.null(strata)) sprintf("strata(%s)", strata)), collapse = " + ")))
  at <- coxph(y, d, ties = if (ties == "exact-partial") "exact" else ties, init = c(small$coefficients, rep(0, ncol(x))), control = coxph.control(iter.max = 0))
  b <- large$coefficients[k]; lr <- 2 * (large$loglik[2] - small$loglik[2]); wald <- as.vector(b %*% solve(large$var[k, k], b))
  arguments <- list(time = time, event = event, treatment = treatment, factor = by, ties = ties)
  if (!levels) arguments$factor_as <- "number"
  if (!is.null(strata)) arguments$strata <- strata
  if (!is.null(further)) arguments$covariates <- I(further)
  if (!is.null(cluster)) arguments$cluster <- cluster
  v <- list(likelihood_ratio.chi_square = lr, likelihood_ratio.df = ncol(x), likelihood_ratio.p_value_two_sided = pchisq(lr, ncol(x), lower.tail = FALSE),
            wald.chi_square = wald, wald.p_value_two_sided = pchisq(wald, ncol(x), lower.tail = FALSE), score.chi_square = at$score)
  if (!is.null(cluster)) v$score.chi_square <- NULL  # R's score at given coefficients is not asked of a clustered fit
  add(paste("interaction,", name, treatment, "by", by, if (levels) "" else "as number", if (!is.null(strata)) paste("strata", strata), paste(further, collapse = " + "), ties, if (!is.null(cluster)) "cluster"),
      "interaction_test", "r", v, arguments, data = name)
}
for (ties in three) {
  interaction("veteran", "trt", "celltype", TRUE, c("karno", "age"), ties = ties)
  interaction("veteran", "trt", "celltype", TRUE, strata = "celltype", ties = ties)
  interaction("veteran_cells", "trt", "prior", TRUE, "karno", ties = ties)
  interaction("lung_complete", "sex", "age", FALSE, "ecog", ties = ties)
}
for (ties in two) {
  interaction("colon_recurrence", "rx", "sex", TRUE, "node4", ties = ties)
  interaction("colon_death", "rx", "extent", TRUE, ties = ties)
  interaction("colon_death", "rx", "age", FALSE, strata = "sex", ties = ties)
}
interaction("kidney", "sex", "disease", TRUE, "age", cluster = "id")

# Indicators: treatment contrasts.
contrasts_of <- function(values, reference) { f <- relevel(factor(values, levels = sort(unique(values), method = "radix")), ref = reference); unname(model.matrix(~f)[, -1, drop = FALSE]) }
add("indicators, veteran cell types against squamous", "indicators", "r", list(matrix = contrasts_of(D$veteran$celltype, "squamous")), list(values = "celltype", reference = "squamous"), data = "veteran")
add("indicators, veteran cell types against the first", "indicators", "r", list(matrix = contrasts_of(D$veteran$celltype, "adeno")), list(values = "celltype"), data = "veteran")
add("indicators, kidney disease against Other", "indicators", "r", list(matrix = contrasts_of(D$kidney$disease, "Other")), list(values = "disease", reference = "Other"), data = "kidney")
add("indicators, ECOG of the bladder stratum numbers", "indicators", "r", list(matrix = contrasts_of(D$bladder2$enum, 1)), list(values = "enum", reference = 1), data = "bladder2")

sources <- list(r = list(kind = "program", name = paste0("R ", R.version$major, ".", R.version$minor, ", survival ", packageVersion("survival"), ", coxph with eps = 1e-14"), script = "verification/evidence/cox.R"))
data <- setNames(lapply(files, function(f) paste0(f, ".csv")), files)
for (name in inline) data[[name]] <- lapply(as.list(D[[name]]), I)
write_evidence("src/equipoise/validation/evidence/cox_r.json", "cox", sources, data, cases)
cat(length(cases), "cases\n")
