# Nested models compared by their likelihoods: Rscript verification/evidence/nested.R
source("verification/evidence/json.R")
library(survival)
cases <- list()
made <- function(call, ...) list(call = call, arguments = list(...))
add <- function(...) cases[[length(cases) + 1]] <<- case(...)

lrt <- function(id, fun, small, large, smaller, larger, data, requirement) {
  chi <- 2 * (as.numeric(logLik(large)) - as.numeric(logLik(small)))
  df <- attr(logLik(large), "df") - attr(logLik(small), "df")
  add(id, fun, "r", list(chi_square = chi, df = df, p_value_two_sided = pchisq(chi, df, lower.tail = FALSE)),
      arguments = list(smaller = smaller, larger = larger), data = data, requirements = requirement)
}
ctrl <- coxph.control(eps = 1e-14, iter.max = 100)
v <- read.csv("src/equipoise/validation/data/veteran.csv")
o <- read.csv("src/equipoise/validation/data/ovarian.csv")
d <- read.csv("src/equipoise/validation/data/colon_death.csv")
for (ties in c("efron", "breslow")) {
  f <- function(x, data, time = "time", event = "status") coxph(as.formula(paste0("Surv(", time, ",", event, ") ~ ", paste(x, collapse = "+"))), data, ties = ties, control = ctrl)
  m <- function(x, time = "time", event = "status", ...) made("cox", time = time, event = event, covariates = I(x), ties = ties, ...)
  lrt(paste("veteran, karno and age beside trt,", ties), "likelihood_ratio_between", f("trt", v), f(c("trt", "karno", "age"), v), m("trt"), m(c("trt", "karno", "age")), "veteran", 160)
  lrt(paste("veteran, trt beside karno, stratified,", ties), "likelihood_ratio_between", f(c("karno", "strata(celltype)"), v), f(c("trt", "karno", "strata(celltype)"), v),
      m("karno", strata = "celltype"), m(c("trt", "karno"), strata = "celltype"), "veteran", 160)
  lrt(paste("ovarian, age beside rx,", ties), "likelihood_ratio_between", f("rx", o, "futime", "fustat"), f(c("rx", "age"), o, "futime", "fustat"),
      m("rx", "futime", "fustat"), m(c("rx", "age"), "futime", "fustat"), "ovarian", 160)
  lrt(paste("colon, surg and adhere beside extent,", ties), "likelihood_ratio_between", f("extent", d), f(c("extent", "surg", "adhere"), d), m("extent"), m(c("extent", "surg", "adhere")), "colon_death", 160)
}
g <- function(x, response, data) glm(as.formula(paste(response, "~", paste(x, collapse = "+"))), binomial, data, epsilon = 1e-14, maxit = 100)
l <- function(x, response) made("logistic", response = response, covariates = I(x))
lrt("colon, surg beside extent", "logistic_likelihood_ratio", g("extent", "status", d), g(c("extent", "surg"), "status", d), l("extent", "status"), l(c("extent", "surg"), "status"), "colon_death", 161)
lrt("colon, obstruct, perfor and adhere beside extent", "logistic_likelihood_ratio", g("extent", "status", d), g(c("extent", "obstruct", "perfor", "adhere"), "status", d),
    l("extent", "status"), l(c("extent", "obstruct", "perfor", "adhere"), "status"), "colon_death", 161)
lrt("ovarian, age beside rx, logistic", "logistic_likelihood_ratio", g("rx", "fustat", o), g(c("rx", "age"), "fustat", o), l("rx", "fustat"), l(c("rx", "age"), "fustat"), "ovarian", 161)
lrt("veteran, karno beside trt, logistic", "logistic_likelihood_ratio", g("trt", "status", v), g(c("trt", "karno"), "status", v), l("trt", "status"), l(c("trt", "karno"), "status"), "veteran", 161)

sources <- list(r = list(kind = "program", name = paste0("R ", getRversion(), ", survival ", packageVersion("survival")), script = "verification/evidence/nested.R"))
write_evidence("src/equipoise/validation/evidence/nested_r.json", "nested", sources, list(veteran = "veteran.csv", ovarian = "ovarian.csv", colon_death = "colon_death.csv"), cases)

# Tails of the multivariate normal: one minus a box that mvtnorm integrates exactly (TVPACK, three variables), and sums of one-dimensional tails.
suppressMessages(library(mvtnorm)); cases <- list()
for (r in c(-0.3, 0, 0.2, 0.5, 0.9)) for (h in c(0.5, 1.5, 2.5)) {
  for (d in 2:3) {
    s <- matrix(r, d, d); diag(s) <- 1
    p <- 1 - as.numeric(pmvnorm(upper = rep(h, d), corr = s, algorithm = TVPACK(abseps = 1e-15)))
    add(paste0("beyond ", h, ", ", d, " variables, correlation ", r), "multivariate_normal_tail", "r", list(value = p),
        arguments = list(upper = I(rep(h, d)), correlation = s), tolerance = 1e-10, reason = "R's value is one minus a box whose error is about 1e-15")
  }
}
cases <- lapply(cases, function(one) { names(one$values) <- "real"; one })
write_evidence("src/equipoise/validation/evidence/tails_r.json", "tails", list(r = list(kind = "program", name = paste0("R ", getRversion(), ", mvtnorm ", packageVersion("mvtnorm")), script = "verification/evidence/nested.R")), list(), cases)
