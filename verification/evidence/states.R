# Reference values for several states: Rscript verification/evidence/states.R
# survival (survfit of counting-process rows, coxph by transition) and etm (transition probabilities, Greenwood).
suppressMessages({ library(survival); library(etm) })
source("verification/evidence/json.R")
cases <- list()
add <- function(...) cases[[length(cases) + 1]] <<- case(...)
v <- function(p) as.character(packageVersion(p))
script <- "verification/evidence/states.R"
program <- function(name) list(kind = "program", name = paste0("R ", getRversion(), ", ", name), script = script)
sources <- list(survival = program(paste("survival", v("survival"))), etm = program(paste("etm", v("etm"))))

# Illness-death rows: well, then perhaps ill, then perhaps dead. Same-day illness and death is a death of the ill half a day later.
illness_death <- function(id, ill_time, ill, end, dead, x) {
  do.call(rbind, lapply(seq_along(id), function(i) {
    if (ill[i] == 1) {
      last <- if (end[i] <= ill_time[i]) ill_time[i] + 0.5 else end[i]
      rbind(data.frame(id = id[i], start = 0, stop = ill_time[i], from = "well", to = "ill", x = x[i]),
            data.frame(id = id[i], start = ill_time[i], stop = last, from = "ill", to = if (dead[i]) "dead" else "none", x = x[i]))
    } else data.frame(id = id[i], start = 0, stop = end[i], from = "well", to = if (dead[i]) "dead" else "none", x = x[i])
  }))
}
m <- head(mgus2, 250); mgus <- illness_death(m$id, m$ptime, m$pstat, m$futime, m$death, m$age)
co <- subset(colon, etype == 1)[1:200, ]; cd <- subset(colon, etype == 2)[1:200, ]
bowel <- illness_death(co$id, co$time, co$status, cd$time, cd$status, as.numeric(co$rx == "Lev+5FU"))

# Both ways between well and ill, death from both, left truncation, ties, some who begin ill.
set.seed(20260702)
back_and_forth <- do.call(rbind, lapply(1:60, function(i) {
  at <- sample(0:3, 1); state <- sample(c("well", "ill"), 1, prob = c(.7, .3)); rows <- NULL
  for (step in 1:5) {
    stop <- at + sample(1:4, 1)
    to <- sample(c(setdiff(c("well", "ill"), state), "dead", "none"), 1, prob = c(.5, .25, .25))
    rows <- rbind(rows, data.frame(id = i, start = at, stop = stop, from = state, to = to, x = i %% 3))
    if (to %in% c("dead", "none")) break
    at <- stop; state <- to
    if (step == 5) rows$to[nrow(rows)] <- "none"
  }
  rows }))
# The last row of five may end in none only: a transition there would leave no row, which is legal too; both are covered.
late <- subset(transform(mgus, start = ifelse(from == "well", pmin((id %% 7) * 3, stop - 1), start)), start >= 0 & start < stop)
from_zero <- function(d) do.call(rbind, lapply(split(d, d$id), function(d) { s <- d$start[1]; d$start <- d$start - s; d$stop <- d$stop - s; d }))
mixed <- from_zero(back_and_forth); fractional <- transform(mixed, start = start / 10, stop = stop / 10)
begins_well <- subset(back_and_forth, id %in% with(subset(back_and_forth, !duplicated(id)), id[from == "well"]))
begins_well <- from_zero(begins_well)

states <- c("well", "ill", "dead")
# influence = TRUE: without it survfit 3.5-3 gives other standard errors where subjects start in different states, and
# those are not the root of the sum of its own squared influences.
fit <- function(d, conf = "log") { d$event <- factor(d$to, c("none", states)); d$istate <- factor(d$from, states)
  survfit(Surv(start, stop, event) ~ 1, data = d, id = id, istate = istate, conf.type = conf, influence = TRUE) }
columns <- function(f) match(states, f$states)
arguments <- list(subject = "id", start = "start", stop = "stop", from_state = "from", to_state = "to", censored = "none", states = states)
occupation <- function(id, data, d, times, conf = "log") {
  f <- fit(d, conf); i <- findInterval(times, f$time); stopifnot(all(i > 0)); k <- columns(f)
  read <- function(x) matrix(x, length(f$time))[i, k, drop = FALSE]
  add(paste0("occupation, ", id, ", ", conf), "aalen_johansen", "survival",
      list(probability = read(f$pstate), std_err = read(f$std.err), lower = read(f$lower), upper = read(f$upper)),
      c(arguments, list(interval = conf)), data = data, then = list(list("at", list(times = I(times)))))
}
for (conf in c("log", "plain", "log-log")) occupation("mgus2", "mgus", mgus, c(12, 60, 120, 240), conf)
for (conf in c("log", "logit", "arcsin")) occupation("colon", "bowel", bowel, c(200, 500, 1000, 2000, 2800), conf)
occupation("both ways, left truncation, mixed start", "back_and_forth", back_and_forth, c(3, 5, 7, 9), "plain")
occupation("both ways, mixed start", "mixed", mixed, c(1, 2, 3, 4, 6, 8), "plain")
occupation("both ways, mixed start, fractional times", "fractional", fractional, c(.1, .3, .5, .7), "plain")
occupation("both ways, all begin well", "begins_well", begins_well, c(1, 2, 3, 4, 6, 8), "log")
occupation("mgus2, delayed entry", "late", late, c(30, 60, 120, 240), "log")
rmean <- function(id, data, d, tau) {
  f <- fit(d); s <- summary(f, rmean = tau)$table
  add(paste0("mean time in state, ", id), "aalen_johansen", "survival", list(estimate = unname(s[match(states, f$states), "rmean"])),
      arguments, data = data, then = list(list("restricted_mean", list(tau = tau))))
}
rmean("mgus2", "mgus", mgus, 240); rmean("colon", "bowel", bowel, 2500); rmean("all begin well", "begins_well", begins_well, 7)

# The influence of each subject on the areas, from survfit's influence: the error of the mean times.
rmean_error <- function(id, data, d, tau) {
  d$event <- factor(d$to, c("none", states)); d$istate <- factor(d$from, states)
  f <- survfit(Surv(start, stop, event) ~ 1, data = d, id = id, istate = istate, influence = TRUE)
  u <- f$influence.pstate; if (is.list(u)) u <- u[[1]]
  at <- c(0, f$time); keep <- at < tau; width <- diff(c(at[keep], tau))
  if (dim(u)[2] == length(f$time)) { z <- array(0, dim(u) + c(0, 1, 0)); z[, -1, ] <- u; u <- z }  # nothing before the first time
  areas <- apply(u[, keep, , drop = FALSE], c(1, 3), function(x) sum(x * width))
  add(paste0("error of the mean time in state, ", id), "aalen_johansen", "survival", list(std_err = unname(sqrt(colSums(areas^2)))[columns(f)]),
      arguments, data = data, then = list(list("restricted_mean", list(tau = tau))))
}
rmean_error("mgus2", "mgus", mgus, 240); rmean_error("colon", "bowel", bowel, 2500); rmean_error("all begin well", "begins_well", begins_well, 7)

transitions <- matrix(FALSE, 3, 3, dimnames = list(states, states)); transitions[1, 2:3] <- TRUE; transitions[2, 3] <- TRUE
both_ways <- transitions; both_ways[2, 1] <- TRUE
prob <- function(id, data, d, tra, s, times) {
  e <- etm(data.frame(id = d$id, from = d$from, to = d$to, entry = d$start, exit = d$stop), states, tra, "none", s = s)
  i <- findInterval(times, e$time); stopifnot(all(i > 0))
  p <- lapply(i, function(j) unname(e$est[, , j]))
  se <- lapply(i, function(j) { x <- matrix(0, 3, 3)
    for (a in 1:3) for (b in 1:3) { n <- paste(states[a], states[b]); if (n %in% dimnames(e$cov)[[1]]) x[a, b] <- sqrt(max(e$cov[n, n, j], 0)) }
    x })
  add(paste0("transition probabilities, ", id, ", from ", s), "aalen_johansen", "etm", list(probability = p, std_err = se),
      c(arguments, list(variance = "greenwood")), data = data, then = list(list("transition_probabilities", list(start = s, times = I(times)))))
}
prob("mgus2", "mgus", mgus, transitions, 0, c(12, 60, 120, 240)); prob("mgus2", "mgus", mgus, transitions, 100, c(120, 150, 240))
prob("colon", "bowel", bowel, transitions, 0, c(200, 1000, 2000)); prob("colon", "bowel", bowel, transitions, 365, c(500, 1000, 2000))
prob("both ways", "back_and_forth", back_and_forth, both_ways, 2, c(3, 4, 6, 8)); prob("both ways", "back_and_forth", back_and_forth, both_ways, 4, c(5, 7, 9))
prob("both ways, all begin well", "begins_well", begins_well, both_ways, 0, c(1, 3, 5, 7))
prob("mgus2, delayed entry", "late", late, transitions, 20, c(60, 120))

one_cox <- function(id, data, d, a, b, clock, ties) {
  sub <- d[d$from == a, ]
  f <- if (clock == "forward") coxph(Surv(start, stop, to == b) ~ x, sub, ties = ties) else coxph(Surv(stop - start, to == b) ~ x, sub, ties = ties)
  add(paste0("Cox, ", id, ", ", a, " to ", b, ", ", clock, ", ", ties), "transition_cox", "survival",
      list(coefficients = I(unname(coef(f))), std_err = I(sqrt(f$var[1, 1])), log_likelihood = f$loglik[2], n = f$n, n_events = f$nevent),
      c(arguments[names(arguments) != "states"], list(covariates = I("x"), transition = I(c(a, b)), clock = clock, ties = ties)), data = data)
}
for (clock in c("forward", "reset")) { one_cox("mgus2", "mgus", mgus, "ill", "dead", clock, "efron"); one_cox("colon", "bowel", bowel, "ill", "dead", clock, "breslow") }
one_cox("mgus2", "mgus", mgus, "well", "ill", "forward", "efron"); one_cox("mgus2", "mgus", mgus, "well", "dead", "forward", "efron")
one_cox("both ways", "back_and_forth", back_and_forth, "ill", "well", "forward", "efron")

data <- lapply(list(mgus = mgus, bowel = bowel, back_and_forth = back_and_forth, mixed = mixed, fractional = fractional, begins_well = begins_well, late = late), as.list)
write_evidence("src/equipoise/validation/evidence/states_r.json", "states", sources, data, cases)
cat(length(cases), "cases\n")
