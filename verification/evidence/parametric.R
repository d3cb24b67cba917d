# Reference values for rates and parametric models: Rscript verification/evidence/parametric.R
# poisson.test and glm of base R on rows split by survival::survSplit; the cure models by optim on a likelihood written here.
suppressMessages(library(survival))
source("verification/evidence/json.R")
folder <- "src/equipoise/validation/data"
read <- function(name) read.csv(file.path(folder, paste0(name, ".csv")))
lung <- read("lung"); veteran <- read("veteran"); ovarian <- read("ovarian"); melanoma <- read("melanoma"); heart <- read("heart"); melanoma <- transform(melanoma, dead = as.numeric(status == 1), sex = as.numeric(sex %in% c("Male", "1"))); aml <- read("aml"); recurrence <- read("colon_recurrence")
cases <- list()
add <- function(...) cases[[length(cases) + 1]] <<- case(...)
script <- "verification/evidence/parametric.R"
program <- function(name) list(kind = "program", name = paste0("R ", getRversion(), ", ", name), script = script)
sources <- list(poisson = program("poisson.test"), glm = program(paste("glm with family poisson on rows of survival", packageVersion("survival"), "survSplit")),
                optim = program("optim and Newton steps by numerical derivatives on a likelihood of its own"))

rates <- function(id, file, d, time, event, group, per, level = 0.95, entry = NULL) {
  at_risk <- d[[time]] - if (is.null(entry)) 0 else d[[entry]]
  g <- if (is.null(group)) rep("all", nrow(d)) else d[[group]]; labels <- sort(unique(g))
  x <- sapply(labels, function(l) sum(d[[event]][g == l])); t <- sapply(labels, function(l) sum(at_risk[g == l]))
  one <- lapply(seq_along(x), function(i) poisson.test(x[i], t[i], conf.level = level))
  values <- list(n_events = I(unname(x)), person_time = I(unname(t)), rate = I(per * sapply(one, function(o) unname(o$estimate))), lower = I(per * sapply(one, function(o) o$conf.int[1])), upper = I(per * sapply(one, function(o) o$conf.int[2])))
  if (length(x) == 2) { two <- poisson.test(rev(x), rev(t), conf.level = level)
    values <- c(values, list(rate_ratio = unname(two$estimate), rate_ratio_lower = two$conf.int[1], rate_ratio_upper = two$conf.int[2], p_value_two_sided = two$p.value)) }
  add(paste0("rates, ", id), "person_time", "poisson", values, c(list(time = time, event = event, per = per, confidence_level = level), if (!is.null(group)) list(group = group), if (!is.null(entry)) list(entry = entry)), data = file)
}
rates("lung", "lung", lung, "time", "status", NULL, 36525); rates("lung by sex", "lung", lung, "time", "status", "sex", 36525)
rates("veteran by treatment", "veteran", veteran, "time", "status", "trt", 365.25, 0.9); rates("ovarian by arm", "ovarian", ovarian, "futime", "fustat", "rx", 36525)
rates("aml by arm", "aml", aml, "time", "status", "x", 52.1775, 0.99); rates("Stanford heart by transplant, entry", "heart", heart, "stop", "event", "transplant", 365.25, entry = "start")
few <- data.frame(time = c(5, 7, 3, 9, 4, 6), event = c(0, 0, 0, 1, 1, 0), arm = c("A", "A", "A", "B", "B", "B")); rates("no event in one group", "few", few, "time", "event", "arm", 100)

split_at <- function(d, time, event, cuts, entry = NULL) {
  d$t_ <- d[[time]]; d$e_ <- d[[event]]; d$s_ <- if (is.null(entry)) 0 else d[[entry]]
  s <- survSplit(Surv(s_, t_, e_) ~ ., d, cut = cuts, episode = "piece"); s$days <- s$t_ - s$s_; s$piece <- factor(s$piece, seq_len(length(cuts) + 1)); s
}
# glm takes its variance from the weights of the last step but one: a second start from the end makes it that of the estimate.
poisson_model <- function(s, cuts, names = NULL) {
  formula <- as.formula(paste("e_ ~", paste(c(if (length(cuts)) "0 + piece" else "1", names), collapse = "+"), "+ offset(log(days))"))
  first <- glm(formula, poisson, s, control = list(epsilon = 1e-14, maxit = 50))
  glm(formula, poisson, s, start = coef(first), control = list(epsilon = 1e-14, maxit = 50))
}
pieces <- function(id, file, d, time, event, cuts, times, entry = NULL) {
  s <- split_at(d, time, event, cuts, entry); x <- as.vector(tapply(s$e_, s$piece, sum)); t <- as.vector(tapply(s$days, s$piece, sum))
  one <- lapply(seq_along(x), function(i) poisson.test(x[i], t[i]))
  arguments <- c(list(time = time, event = event, cuts = I(cuts)), if (!is.null(entry)) list(entry = entry))
  wide <- function(f) matrix(sapply(one, f), 1)
  add(paste0("pieces, ", id), "piecewise_exponential", "poisson", list(n_events = matrix(x, 1), person_time = matrix(t, 1), rate = wide(function(o) unname(o$estimate)), lower = wide(function(o) o$conf.int[1]), upper = wide(function(o) o$conf.int[2])), arguments, data = file)
  f <- poisson_model(s, cuts); v <- vcov(f); z <- qnorm(.975)
  add(paste0("pieces, ", id, ", log limits"), "piecewise_exponential", "glm", list(lower = matrix(exp(coef(f) - z * sqrt(diag(v))), 1), upper = matrix(exp(coef(f) + z * sqrt(diag(v))), 1), log_likelihood = I(as.numeric(logLik(f)) - sum(log(s$days[s$e_ == 1])))), c(arguments, list(interval = "log")), data = file)
  from <- c(0, cuts); to <- c(cuts, Inf); w <- sapply(seq_along(from), function(j) pmax(pmin(times, to[j]) - from[j], 0)); hazard <- as.vector(w %*% exp(coef(f)))
  g <- sweep(w, 2, exp(coef(f)), "*"); se <- sqrt(diag(g %*% v %*% t(g))); surv <- exp(-hazard)
  add(paste0("survival by pieces, ", id), "piecewise_exponential", "glm", list(survival = surv, std_err = surv * se, lower = exp(-hazard * exp(z * se / hazard)), upper = exp(-hazard * exp(-z * se / hazard))), arguments, data = file, then = list(list("survival", list(times = I(times)))))
}
pieces("lung", "lung", lung, "time", "status", c(100, 200, 400), c(50, 100, 365, 900)); pieces("veteran", "veteran", veteran, "time", "status", c(30, 90, 180, 365), c(10, 100, 400))
pieces("melanoma", "melanoma_death", melanoma, "time", "dead", c(1000, 2000, 3000), c(500, 2500, 5000)); pieces("one interval, ovarian", "ovarian", ovarian, "futime", "fustat", numeric(0), c(100, 500))
pieces("Stanford heart, entry", "heart", heart, "stop", "event", c(30, 100), c(20, 200), "start")

regression <- function(id, file, d, time, event, cuts, names, entry = NULL) {
  s <- split_at(d, time, event, cuts, entry)
  f <- poisson_model(s, cuts, names)
  null <- poisson_model(s, cuts)
  k <- length(cuts) + 1; b <- coef(f)[-(1:k)]; v <- vcov(f); se <- sqrt(diag(v)); z <- qnorm(.975)
  add(paste0("regression, ", id), "piecewise_exponential_regression", "glm",
      list(coefficients = I(unname(b)), covariance = matrix(v[-(1:k), -(1:k)], length(b)), hazard_ratio = I(unname(exp(b))), lower = I(unname(exp(b - z * se[-(1:k)]))), upper = I(unname(exp(b + z * se[-(1:k)]))),
           wald_z = I(unname(b / se[-(1:k)])), p_value_two_sided = I(unname(2 * pnorm(-abs(b / se[-(1:k)])))), rate = I(unname(exp(coef(f)[1:k]))), log_rate_std_err = I(unname(se[1:k])),
           log_likelihood = as.numeric(logLik(f)) - sum(log(s$days[s$e_ == 1])), "likelihood_ratio.chi_square" = 2 * as.numeric(logLik(f) - logLik(null))),
      c(list(time = time, event = event, cuts = I(cuts), covariates = I(names)), if (!is.null(entry)) list(entry = entry)), data = file)
}
regression("lung", "lung", lung, "time", "status", c(100, 200, 400), c("age", "sex")); regression("veteran", "veteran", veteran, "time", "status", c(30, 90, 180), c("trt", "karno", "age"))
regression("ovarian", "ovarian", ovarian, "futime", "fustat", c(300), c("age", "rx")); regression("exponential, melanoma", "melanoma_death", melanoma, "time", "dead", numeric(0), c("sex", "age"))
regression("Stanford heart, entry", "heart", heart, "stop", "event", c(30, 100), c("age", "surgery", "transplant"), "start")
regression("colon recurrence", "colon_recurrence", recurrence, "time", "status", c(365, 730, 1095), c("age", "node4"))

if (file.exists("verification/evidence/parametric_cure.R")) source("verification/evidence/parametric_cure.R")
data <- list(lung = "lung.csv", veteran = "veteran.csv", ovarian = "ovarian.csv", aml = "aml.csv", heart = "heart.csv", colon_recurrence = "colon_recurrence.csv", few = as.list(few),
             melanoma_death = with(melanoma, list(time = time, dead = as.numeric(status == 1), sex = sex, age = age)))
write_evidence("src/equipoise/validation/evidence/parametric_r.json", "parametric", sources, data, cases)
cat(length(cases), "cases\n")
