# survdiff: observed, expected, variance, chi-square; sums over strata.

test <- function(time, status, group, strata = NULL) {
  group <- factor(group, levels = unique(group))
  # strata() without labels keeps the order of the levels as given.
  fit <- if (is.null(strata)) survdiff(Surv(time, status) ~ group)
         else survdiff(Surv(time, status) ~ group + strata(strata))
  total <- function(x) if (is.matrix(x)) rowSums(x) else x
  df <- sum(total(fit$exp) > 0) - 1
  order <- match(paste0("group=", levels(group)), names(fit$n))
  list(groups = levels(group), n = I(as.vector(fit$n)[order]), observed = I(total(fit$obs)[order]),
       expected = I(total(fit$exp)[order]), variance = fit$var[order, order], chi_square = fit$chisq, df = df,
       p_value_two_sided = pchisq(fit$chisq, df, lower.tail = FALSE))
}

cases <- list()
for (etype in 1:2) {
  d <- colon_data[colon_data$etype == etype, ]
  d <- d[order(match(d$rx, c("Obs", "Lev", "Lev+5FU"))), ]
  both <- paste(d$extent, d$node4)
  cases[[paste("colon", etype, "3 groups")]] <- with(d, test(time, status, rx))
  cases[[paste("colon", etype, "3 groups by node4")]] <- with(d, test(time, status, rx, node4))
  cases[[paste("colon", etype, "3 groups by extent and node4")]] <- with(d, test(time, status, rx, both))
  for (arm in list(c("Obs", "Lev"), c("Obs", "Lev+5FU"), c("Lev", "Lev+5FU"))) {
    keep <- d$rx %in% arm
    name <- paste("colon", etype, arm[1], "vs", arm[2])
    cases[[name]] <- with(d[keep, ], test(time, status, rx))
    cases[[paste(name, "by node4")]] <- with(d[keep, ], test(time, status, rx, node4))
    cases[[paste(name, "by extent and node4")]] <- with(d[keep, ], test(time, status, rx, both[keep]))
  }
}
cases[["adtte 3 groups"]] <- with(adtte, test(AVAL, 1 - CNSR, TRTP))
adtte_two <- adtte[adtte$TRTP != "Xanomeline Low Dose", ]
cases[["adtte 2 groups"]] <- with(adtte_two, test(AVAL, 1 - CNSR, TRTP))

# survdiff refuses one group or a singular variance; no event gives 0 on -1 df: those cases are tested by hand.
for (name in setdiff(names(small), c("all_die_at_zero", "all_censored", "one_event", "one_censored"))) {
  data <- small[[name]]
  if (length(unique(data$group)) < 2) next
  third <- (seq_len(nrow(data)) - 1) %% 3
  written <- list(time = I(data$time), event = I(data$status), group = I(data$group))
  cases[[name]] <- c(list(data = written), with(data, test(time, status, group)))
  if (nrow(data) > 10)
    cases[[paste(name, "by thirds")]] <- c(list(data = c(written, list(strata = I(third)))),
                                           with(data, test(time, status, group, third)))
}
write_cases(cases, file.path(here, "log_rank.json"))
