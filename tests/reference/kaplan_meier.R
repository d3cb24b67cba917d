# survfit: the whole curve with three kinds of limits, its quantiles, and the curve at chosen times.

NEAR <- c(0.25, 0.5, 0.75)

curve <- function(time, status, times, level = 0.95) {
  out <- list()
  for (interval in c("plain", "log", "log-log")) {
    fit <- survfit(Surv(time, status) ~ 1, conf.type = interval, conf.int = level)
    if (is.null(out$time)) {
      at <- summary(fit, times = times, extend = TRUE)
      out <- list(time = I(fit$time), n_at_risk = I(fit$n.risk), n_events = I(fit$n.event),
                  n_censored = I(fit$n.censor), survival = I(fit$surv),
                  std_err = I(ifelse(fit$surv == 0, NA, fit$surv * fit$std.err)),
                  at = list(time = I(at$time), n_at_risk = I(at$n.risk), survival = I(at$surv),
                            std_err = I(at$std.err), events = I(cumsum(at$n.event)),
                            censored = I(cumsum(at$n.censor))))
    }
    at <- summary(fit, times = times, extend = TRUE)
    # An all-censored curve makes quantile() fail or return NA by version: nothing is reached.
    found <- if (any(status == 1)) quantile(fit, NEAR) else list(quantile = c(NA, NA, NA), lower = c(NA, NA, NA),
                                                                 upper = c(NA, NA, NA))
    # print() takes the first crossing of a limit, quantile() another one where a limit rises again.
    printed <- unname(summary(fit)$table[paste0(level, c("LCL", "UCL"))])
    out[[interval]] <- list(lower = I(fit$lower), upper = I(fit$upper),
                            at_lower = I(at$lower), at_upper = I(at$upper),
                            quantile = I(unname(found$quantile)), quantile_lower = I(unname(found$lower)),
                            quantile_upper = I(unname(found$upper)), printed_median_limits = printed)
  }
  out
}

cases <- list()
YEARS <- c(0, 365.25, 3 * 365.25, 5 * 365.25)
for (etype in 1:2) for (arm in c("Obs", "Lev", "Lev+5FU")) {
  rows <- colon_data[colon_data$etype == etype & colon_data$rx == arm, ]
  cases[[paste("colon", etype, arm)]] <- curve(rows$time, rows$status, YEARS)
  if (etype == 2) cases[[paste("colon reverse", etype, arm)]] <- curve(rows$time, 1 - rows$status, YEARS)
}
for (arm in unique(adtte$TRTP)) {
  rows <- adtte[adtte$TRTP == arm, ]
  cases[[paste("adtte", arm)]] <- curve(rows$AVAL, 1 - rows$CNSR, c(0, 30, 60, 90, 120))
}
for (name in names(small)) {
  data <- small[[name]]
  times <- unique(c(0, 0.5, quantile(data$time, c(0.2, 0.5, 0.8), type = 1), max(data$time)))
  times <- sort(times[times <= max(data$time)])
  cases[[name]] <- c(list(data = list(time = I(data$time), event = I(data$status))),
                     curve(data$time, data$status, times))
  if (nrow(data) > 12 && nrow(data) < 100) cases[[paste(name, "90%")]] <- c(list(data = list(time = I(data$time), event = I(data$status)),
                                        confidence_level = 0.9),
                                   curve(data$time, data$status, times, level = 0.9))
}
write_cases(cases, file.path(here, "kaplan_meier.json"))
