# Reference values for states that change during follow-up: Rscript verification/evidence/landmark.R
# survival: survfit, survdiff and coxph of counting-process rows; the Stanford heart transplant data.
suppressMessages(library(survival))
source("verification/evidence/json.R")
cases <- list()
add <- function(...) cases[[length(cases) + 1]] <<- case(...)
sources <- list(survival = list(kind = "program", name = paste0("R ", getRversion(), ", survival ", packageVersion("survival")), script = "verification/evidence/landmark.R"),
                crowley = list(kind = "printed", citation = "Crowley & Hu 1977, Covariance analysis of heart transplant survival data, JASA 72:27-36: 103 patients, 69 transplants, 75 deaths, 45 of them after the transplant"))

# One line a patient from survival's rows: when the transplant was, if ever, and when follow-up ended.
last <- heart[!duplicated(heart$id, fromLast = TRUE), ]
changed <- heart[heart$transplant == 1, ]
stanford <- data.frame(time = last$stop, event = last$event, wait = changed$start[match(last$id, changed$id)], age = last$age, surgery = last$surgery)
set.seed(20260703)
untied <- data.frame(time = round(rexp(90, .1) + .01, 4), event = rbinom(90, 1, .7)); untied$wait <- ifelse(runif(90) < .6, round(untied$time * runif(90), 4), NA)
whole <- data.frame(time = sample(2:15, 80, TRUE), event = rbinom(80, 1, .6)); whole$wait <- ifelse(runif(80) < .6, pmin(sample(0:10, 80, TRUE), whole$time - 1), NA)
whole$site <- rep(1:3, length.out = 80); stanford$site <- rep(1:2, length.out = 103); untied$site <- rep(1:2, 45)

rows <- function(d) { d$id <- seq_len(nrow(d)); out <- do.call(rbind, lapply(seq_len(nrow(d)), function(i) { w <- d$wait[i]
  if (is.na(w)) data.frame(i = i, start = 0, stop = d$time[i], event = d$event[i], x = 0)
  else rbind(if (w > 0) data.frame(i = i, start = 0, stop = w, event = 0, x = 0), data.frame(i = i, start = w, stop = d$time[i], event = d$event[i], x = 1)) })); out }
a <- list(time = "time", event = "event", change_time = "wait")
all_of <- function(id, data, d, landmark, times) {
  r <- subset(rows(d), stop > landmark); r$start <- pmax(r$start, landmark)
  given <- if (landmark > 0) c(a, list(landmark = landmark)) else a
  for (ties in c("efron", "breslow")) { f <- coxph(Surv(start, stop, event) ~ x, r, ties = ties); s <- summary(f)
    add(paste0("Cox, ", id, ", landmark ", landmark, ", ", ties), "simon_makuch", "survival",
        list("cox.coefficients" = I(unname(coef(f))), "cox.std_err" = I(sqrt(f$var[1, 1])), "cox.hazard_ratio" = I(exp(unname(coef(f)))), "cox.lower" = I(s$conf.int[1, 3]), "cox.upper" = I(s$conf.int[1, 4]),
             "cox.likelihood_ratio.chi_square" = unname(s$logtest[1]), "cox.score.chi_square" = unname(s$sctest[1])),
        c(given, list(ties = ties)), data = data) }
  # The score test of the exact partial likelihood is the log-rank test with the hypergeometric variance.
  f <- coxph(Surv(start, stop, event) ~ x, r, ties = "exact")
  add(paste0("Mantel-Byar, ", id, ", landmark ", landmark), "simon_makuch", "survival",
      list("mantel_byar.chi_square" = f$score, "mantel_byar.p_value_two_sided" = pchisq(f$score, 1, lower.tail = FALSE), "mantel_byar.observed[1]" = sum(r$event[r$x == 1]), n = length(unique(r$i)), n_changed = length(unique(r$i[r$x == 1]))), given, data = data)
  for (g in 0:1) for (type in c("log-log", "plain", "log")) { f <- survfit(Surv(start, stop, event) ~ 1, subset(r, x == g), conf.type = type); s <- summary(f, times = times)
    add(paste0("Simon-Makuch curve, ", id, ", state ", g, ", landmark ", landmark, ", ", type), "simon_makuch", "survival",
        list(survival = I(s$surv), std_err = I(s$std.err), lower = I(s$lower), upper = I(s$upper)),
        c(given, list(interval = type)), data = data, then = list(list("curve", list(changed = g == 1)), list("at", list(times = I(times))))) }
}
all_of("Stanford heart", "stanford", stanford, 0, c(50, 100, 300, 1000)); all_of("Stanford heart", "stanford", stanford, 60, c(100, 300, 1000))
all_of("untied", "untied", untied, 0, c(3, 6, 12)); all_of("tied whole days", "whole", whole, 0, c(4, 7, 10)); all_of("tied whole days", "whole", whole, 3, c(5, 8, 11))
add("Stanford heart, rows", "split_at", "survival", list(start = heart$start, stop = heart$stop, event = heart$event, changed = as.numeric(heart$transplant) - min(as.numeric(heart$transplant)), subject = heart$id - 1), a, data = "stanford")
for (one in list(list("untied", untied), list("whole", whole))) { r <- rows(one[[2]]); add(paste0("rows, ", one[[1]]), "split_at", "survival", list(start = r$start, stop = r$stop, event = r$event, changed = r$x, subject = r$i - 1), a, data = one[[1]]) }
t <- tmerge(transform(whole, id = seq_len(80))[, c("id", "site")], transform(whole, id = seq_len(80)), id = id, death = event(time, event), moved = tdc(wait))
add("rows by tmerge", "split_at", "survival", list(start = t$tstart, stop = t$tstop, event = t$death, changed = t$moved), a, data = "whole")
add("Stanford heart, counts", "simon_makuch", "crowley", list(n = 103, n_changed = 69, "mantel_byar.observed" = c(30, 45)), a, data = "stanford")

at_landmark <- function(id, data, d, at, strata) {
  k <- subset(d, time > at); k$x <- as.numeric(!is.na(k$wait) & k$wait <= at); k$rest <- k$time - at
  f <- if (strata) coxph(Surv(rest, event) ~ x + strata(site), k) else coxph(Surv(rest, event) ~ x, k)
  l <- if (strata) survdiff(Surv(rest, event) ~ x + strata(site), k) else survdiff(Surv(rest, event) ~ x, k)
  s <- summary(f); e <- if (strata) rowSums(l$exp) else l$exp
  add(paste0("landmark, ", id, ", at ", at, if (strata) ", stratified"), "landmark", "survival",
      list(n = nrow(k), n_excluded_events = sum(d$event[d$time <= at]), n_excluded_censored = sum(1 - d$event[d$time <= at]), "curves.n" = as.vector(table(k$x)),
           "log_rank.chi_square" = l$chisq, "log_rank.expected" = unname(as.vector(e)), "cox.coefficients" = I(unname(coef(f))), "cox.std_err" = I(sqrt(f$var[1, 1])), "cox.lower" = I(s$conf.int[1, 3]), "cox.upper" = I(s$conf.int[1, 4]),
           "curves.median" = unname(quantile(survfit(Surv(rest, event) ~ x, k), .5)$quantile[, 1])),
      c(list(time = "time", event = "event", state_time = "wait", at = at), if (strata) list(strata = "site")), data = data)
}
for (strata in c(FALSE, TRUE)) { at_landmark("Stanford heart", "stanford", stanford, 30, strata); at_landmark("Stanford heart", "stanford", stanford, 90, strata)
  at_landmark("untied", "untied", untied, 2.5, strata); at_landmark("tied whole days", "whole", whole, 4, strata) }
write_evidence("src/equipoise/validation/evidence/landmark_r.json", "landmark", sources, lapply(list(stanford = stanford, untied = untied, whole = whole), as.list), cases)
cat(length(cases), "cases\n")
