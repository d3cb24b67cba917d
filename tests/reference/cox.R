# coxph, converged as far as doubles go (eps 1e-14; the warning that eps is below toler.chol is about rank).

CONTROL <- suppressWarnings(coxph.control(eps = 1e-14, iter.max = 100))

fit <- function(time, status, x, strata = NULL, ties) {
  x <- as.matrix(x)
  model <- suppressWarnings(
    if (is.null(strata)) coxph(Surv(time, status) ~ x, ties = ties, control = CONTROL)
    else coxph(Surv(time, status) ~ x + strata(strata), ties = ties, control = CONTROL))
  b <- unname(coef(model))
  kept <- !is.na(b)
  se <- ifelse(kept, sqrt(diag(model$var)), NA)
  z <- b / se
  half <- qnorm(0.975) * se
  lr <- 2 * diff(model$loglik)
  df <- sum(kept)
  chi <- function(value) list(chi_square = value, df = df, p_value_two_sided = pchisq(value, df, lower.tail = FALSE))
  variance <- model$var
  variance[!kept, ] <- NA
  variance[, !kept] <- NA
  list(n = model$n, n_events = model$nevent, coefficients = I(b), std_err = I(se), covariance = variance, wald_z = I(z),
       p_value_two_sided = I(pchisq(z^2, 1, lower.tail = FALSE)), hazard_ratio = I(exp(b)),
       lower = I(exp(b - half)), upper = I(exp(b + half)),
       log_likelihood_null = model$loglik[1], log_likelihood = model$loglik[2],
       likelihood_ratio = chi(lr), wald = chi(sum(b[kept] * solve(model$var[kept, kept, drop = FALSE], b[kept]))),
       score = chi(model$score))
}

both_ties <- function(name, time, status, x, strata = NULL, written = NULL) {
  for (ties in c("efron", "breslow"))
    cases[[paste(name, ties)]] <<- c(written, list(ties = ties, names = I(colnames(as.matrix(x)))),
                                     fit(time, status, x, strata, ties))
}

cases <- list()
for (etype in 1:2) {
  d <- colon_data[colon_data$etype == etype, ]
  arms <- function(d) cbind(lev = as.numeric(d$rx == "Lev"), lev5fu = as.numeric(d$rx == "Lev+5FU"))
  name <- paste("colon", etype)
  both_ties(paste(name, "arms"), d$time, d$status, arms(d))
  both_ties(paste(name, "arms by node4"), d$time, d$status, arms(d), d$node4)
  both_ties(paste(name, "arms by extent and node4"), d$time, d$status, arms(d), paste(d$extent, d$node4))
  known <- d[!is.na(d$differ), ]
  x <- cbind(arms(known), as.matrix(known[, c("age", "sex", "node4", "differ")]))
  both_ties(paste(name, "covariates"), known$time, known$status, x)
  both_ties(paste(name, "covariates by extent"), known$time, known$status, x, known$extent)
  crossed <- cbind(arms(d), node4 = d$node4, lev_node4 = arms(d)[, 1] * d$node4, lev5fu_node4 = arms(d)[, 2] * d$node4)
  both_ties(paste(name, "main effects"), d$time, d$status, crossed[, 1:3])
  both_ties(paste(name, "interaction"), d$time, d$status, crossed)
  for (ties in c("efron", "breslow")) {
    large <- coxph(Surv(time, status) ~ rx * node4, d, ties = ties, control = CONTROL)
    small_model <- coxph(Surv(time, status) ~ rx + node4, d, ties = ties, control = CONTROL)
    compared <- anova(small_model, large)
    chi <- 2 * (large$loglik[2] - small_model$loglik[2])
    cases[[paste(name, "interaction test", ties)]] <-
      list(ties = ties, chi_square = chi, df = compared$Df[2], p_value_two_sided = pchisq(chi, 2, lower.tail = FALSE))
  }
}
x <- cbind(low = as.numeric(adtte$TRTP == "Xanomeline Low Dose"), high = as.numeric(adtte$TRTP == "Xanomeline High Dose"))
both_ties("adtte arms", adtte$AVAL, 1 - adtte$CNSR, x)

with_data <- function(name, data, status, columns, strata = NULL) {
  x <- as.matrix(data[, columns, drop = FALSE])
  written <- list(data = list(time = I(data$time), event = I(status), covariates = x))
  if (!is.null(strata)) written$data$strata <- I(as.character(strata))
  both_ties(name, data$time, status, x, strata, written)
}
columns <- c("age", "sex", "ph.ecog", "ph.karno", "wt.loss")
d <- complete(lung, c("time", "status", "inst", columns))
with_data("lung", d, d$status - 1, columns)
with_data("lung by institution", d, d$status - 1, columns, d$inst)
d <- veteran
d$squamous <- as.numeric(d$celltype == "squamous")
d$smallcell <- as.numeric(d$celltype == "smallcell")
d$adeno <- as.numeric(d$celltype == "adeno")
with_data("veteran", d, d$status, c("trt", "karno", "age", "prior", "diagtime", "squamous", "smallcell", "adeno"))
with_data("veteran by celltype", d, d$status, c("trt", "karno", "age"), d$celltype)
d <- ovarian
d$time <- d$futime
with_data("ovarian", d, d$fustat, c("age", "rx", "resid.ds", "ecog.ps"))
with_data("kidney", kidney, kidney$status, c("age", "sex", "frail"))
d <- complete(stanford2, c("time", "status", "age", "t5"))
with_data("stanford2", d, d$status, c("age", "t5"))
for (name in c("aml", "heavily_tied", "far_apart", "time_zero", "near_ties")) {
  d <- small[[name]]
  d$b <- as.numeric(d$group == "B")
  with_data(name, d, d$status, "b")
}
# The later of two equal columns and a constant one are NA in R.
d <- aml
d$b <- as.numeric(d$x == "Maintained")
d$twice <- 2 * d$b + 1
d$constant <- 3
d$row <- seq_len(nrow(d))
with_data("dependent columns", d, d$status, c("b", "twice", "constant", "row"))
write_cases(cases, file.path(here, "cox.json"))
