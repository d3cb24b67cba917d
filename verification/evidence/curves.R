# Survival curves, cumulative hazards, milestones and restricted means by R's survival package, and printed values.
# Run from the repository's root: Rscript verification/evidence/curves.R
source("verification/evidence/json.R")
suppressMessages(library(survival))
folder <- "src/equipoise/validation/data/"
get <- function(name) read.csv(paste0(folder, name, ".csv"), na.strings = "NA")
set <- list(lung = get("lung"), veteran = get("veteran"), aml = get("aml"), ovarian = get("ovarian"), heart = get("heart"),
            stanford2 = get("stanford2"), kidney = get("kidney"), rats = get("rats"),
            colon_death = get("colon_death"), colon_recurrence = get("colon_recurrence"))
inline <- list(
  tied = data.frame(time = c(0, 0, 1, 1, 2, 3, 3, 3, 5, 5, 7, 8), event = c(1, 0, 1, 1, 0, 1, 1, 0, 1, 0, 1, 0),
                    arm = c("A", "B", "A", "B", "B", "A", "B", "A", "B", "A", "B", "A")),
  late = data.frame(entry = c(0, 0, 0, 2, 2, 3, 5, 6, 6, 9), time = c(3, 4, 8, 5, 7, 9, 6, 8, 12, 11),
                    event = c(1, 0, 1, 1, 0, 1, 1, 0, 1, 0)),
  gap = data.frame(entry = c(0, 0, 0, 5, 6, 6), time = c(1, 2, 3, 8, 9, 10), event = c(1, 0, 0, 1, 0, 1)),
  extinct = data.frame(entry = c(0, 0, 2, 5, 6), time = c(1, 3, 3, 8, 9), event = c(1, 1, 1, 1, 0)),
  plateau = data.frame(time = 1:6, event = c(1, 1, 1, 0, 1, 0)),
  zeros = data.frame(time = c(4, 5, 6), event = c(0, 0, 0)),
  weighted = data.frame(time = c(1, 2, 2, 3, 4, 5, 6), event = c(1, 1, 0, 1, 1, 0, 0), count = c(3, 1, 2, 2, 1, 4, 2),
                        weight = c(1.5, 2, 0.5, 1, 3, 1, 0.7), pair = c(1, 1, 2, 2, 3, 3, 4)))
types <- c("plain", "log", "log-log", "logit", "arcsin")
cases <- list()
add <- function(...) cases[[length(cases) + 1]] <<- case(...)
vec <- function(x) I(as.numeric(x))
# A standard error of survival: survfit keeps that of log survival, unless its logse says otherwise; NaN once survival is 0.
se <- function(f) { s <- if (isFALSE(f$logse)) f$std.err else f$std.err * f$surv; ifelse(f$surv == 0, NA, s) }
# Limits of a curve that has fallen to 0 do not exist; R leaves them NA.
whole <- function(f) list(time = vec(f$time), n_at_risk = vec(f$n.risk), n_events = vec(f$n.event), n_censored = vec(f$n.censor),
                          survival = vec(f$surv), std_err = vec(se(f)), lower = vec(f$lower), upper = vec(f$upper))
at <- function(f, times) { s <- summary(f, times = times)
  list(n_at_risk = vec(s$n.risk), survival = vec(s$surv), std_err = vec(s$std.err), lower = vec(s$lower), upper = vec(s$upper)) }
arguments <- function(time, event, ...) c(list(time = time, event = event), list(...))

# 1. Whole curves with every interval.
for (type in types) {
  for (name in c("aml", "ovarian", "tied", "plateau")) {
    d <- if (name %in% names(inline)) inline[[name]] else set[[name]]
    event <- c(aml = "status", ovarian = "fustat", tied = "event", plateau = "event")[[name]]
    time <- c(aml = "time", ovarian = "futime", tied = "time", plateau = "time")[[name]]
    f <- survfit(Surv(d[[time]], d[[event]]) ~ 1, conf.type = type)
    add(paste0(name, ", whole curve, ", type), "kaplan_meier", "r", whole(f), arguments(time, event, interval = type), name)
  }
}
f <- survfit(Surv(time, event) ~ 1, data = inline$zeros, conf.type = "log")
add("nobody has the event", "kaplan_meier", "r", whole(f), arguments("time", "event", interval = "log"), "zeros")

# 2. Curves read at times, and quantiles, on real data.
reads <- list(lung = list("time", "status", c(1, 5, 100, 306, 365.25, 500, 883, 1022)), veteran = list("time", "status", c(1, 8, 30, 100, 200, 500)),
              stanford2 = list("time", "status", c(0.5, 1, 50, 500, 1000, 2000)), colon_death = list("time", "status", c(23, 365, 1095, 1826, 2500)),
              colon_recurrence = list("time", "status", c(8, 365, 1095, 1826, 2500)))
for (name in names(reads)) for (type in types) {
  r <- reads[[name]]; d <- set[[name]]
  f <- survfit(Surv(d[[r[[1]]]], d[[r[[2]]]]) ~ 1, conf.type = type)
  a <- arguments(r[[1]], r[[2]], interval = type)
  add(paste0(name, ", at times, ", type), "kaplan_meier", "r", at(f, r[[3]]), a, name, list(list("at", list(times = vec(r[[3]])))))
  for (p in c(0.1, 0.25, 0.5, 0.75)) {
    q <- quantile(f, p)
    values <- list(estimate = as.numeric(q$quantile), lower = as.numeric(q$lower), upper = as.numeric(q$upper))
    # quantile() reads a limit that rises again at its last crossing; we, as R's own print of a median, at the first.
    rises <- any(diff(na.omit(f$lower)) > 0) || any(diff(na.omit(f$upper)) > 0)
    if (!rises) add(paste0(name, ", quantile ", p, ", ", type), "kaplan_meier", "r", values, a, name, list(list("quantile", list(probability = p))))
  }
}
for (level in c(0.8, 0.9, 0.99, 0.999)) for (type in c("plain", "log-log", "arcsin")) {
  f <- survfit(Surv(time, status) ~ 1, data = set$veteran, conf.type = type, conf.int = level)
  add(paste0("veteran, level ", level, ", ", type), "kaplan_meier", "r", at(f, c(1, 10, 100, 300)),
      arguments("time", "status", interval = type, confidence_level = level), "veteran", list(list("at", list(times = vec(c(1, 10, 100, 300))))))
}

# 3. Several groups.
table_of <- function(f) { t <- summary(f)$table; list(n = vec(t[, "records"]), n_events = vec(t[, "events"]), median = vec(t[, "median"]),
                          median_lower = vec(t[, "0.95LCL"]), median_upper = vec(t[, "0.95UCL"])) }
grouped <- list(c("colon_death", "time", "status", "rx"), c("colon_recurrence", "time", "status", "rx"), c("veteran", "time", "status", "celltype"),
                c("lung", "time", "status", "sex"), c("aml", "time", "status", "x"), c("ovarian", "futime", "fustat", "rx"))
for (g in grouped) for (type in c("log", "log-log", "plain")) {
  d <- set[[g[1]]]
  f <- survfit(as.formula(sprintf("Surv(%s, %s) ~ %s", g[2], g[3], g[4])), data = d, conf.type = type)
  add(paste0(g[1], ", medians by ", g[4], ", ", type), "survival_curves", "r", table_of(f),
      arguments(g[2], g[3], group = g[4], interval = type), g[1])
}
for (rx in unique(set$colon_death$rx)) {
  f <- survfit(Surv(time, status) ~ 1, data = set$colon_death[set$colon_death$rx == rx, ], conf.type = "log-log")
  add(paste0("colon deaths, arm ", rx, " out of three"), "survival_curves", "r", at(f, c(365, 1095, 1825)),
      arguments("time", "status", group = "rx"), "colon_death", list(list("__getitem__", list(label = rx)), list("at", list(times = vec(c(365, 1095, 1825))))))
}

# 4. Delayed entry.
for (type in types) {
  f <- survfit(Surv(start, stop, event) ~ 1, data = set$heart, conf.type = type)
  add(paste0("heart, delayed entry, ", type), "kaplan_meier", "r", at(f, c(0.2, 5, 50.7, 180, 1000)),
      arguments("stop", "event", entry = "start", interval = type), "heart", list(list("at", list(times = vec(c(0.2, 5, 50.7, 180, 1000))))))
  f <- survfit(Surv(entry, time, event) ~ 1, data = inline$late, conf.type = type)
  add(paste0("late entry, whole curve, ", type), "kaplan_meier", "r", whole(f), arguments("time", "event", entry = "entry", interval = type), "late")
}
f <- survfit(Surv(start, stop, event) ~ 1, data = set$heart, conf.type = "log")
add("heart, delayed entry, whole curve", "kaplan_meier", "r", whole(f), arguments("stop", "event", entry = "start", interval = "log"), "heart")
f <- survfit(Surv(entry, time, event) ~ 1, data = inline$gap, conf.type = "log")
add("nobody at risk for a while", "kaplan_meier", "r", whole(f), arguments("time", "event", entry = "entry", interval = "log"), "gap")
f <- survfit(Surv(entry, time, event) ~ 1, data = inline$extinct, conf.type = "log")
add("everyone at risk has the event, others enter later", "kaplan_meier", "r", whole(f), arguments("time", "event", entry = "entry", interval = "log"), "extinct")
f <- survfit(Surv(start, stop, event) ~ transplant, data = set$heart, conf.type = "log-log")
add("heart, delayed entry, medians by transplant", "survival_curves", "r", table_of(f)[c("n_events", "median", "median_lower", "median_upper")],
    arguments("stop", "event", group = "transplant", entry = "start"), "heart")

# 5. Weights and clusters.
for (type in c("log", "log-log", "plain")) {
  w <- inline$weighted
  f <- survfit(Surv(time, event) ~ 1, data = w, weights = count, robust = FALSE, conf.type = type)
  add(paste0("frequency weights, ", type), "kaplan_meier", "r", whole(f), arguments("time", "event", weights = "count", weight_type = "frequency", interval = type), "weighted")
  f <- survfit(Surv(time, event) ~ 1, data = w, weights = weight, robust = TRUE, conf.type = type)
  add(paste0("sampling weights, ", type), "kaplan_meier", "r", whole(f), arguments("time", "event", weights = "weight", weight_type = "sampling", interval = type), "weighted")
  f <- survfit(Surv(time, event) ~ 1, data = w, weights = weight, cluster = pair, conf.type = type)
  add(paste0("sampling weights in clusters, ", type), "kaplan_meier", "r", whole(f),
      arguments("time", "event", weights = "weight", weight_type = "sampling", cluster = "pair", interval = type), "weighted")
}
f <- survfit(Surv(time, status) ~ 1, data = set$lung, weights = age, robust = FALSE, conf.type = "log-log")
add("lung, age as counts", "kaplan_meier", "r", at(f, c(100, 306, 500, 883)), arguments("time", "status", weights = "age", weight_type = "frequency"), "lung",
    list(list("at", list(times = vec(c(100, 306, 500, 883))))))
f <- survfit(Surv(time, status) ~ 1, data = set$lung, weights = age, robust = TRUE, conf.type = "log-log")
add("lung, age as sampling weights", "kaplan_meier", "r", at(f, c(100, 306, 500, 883)), arguments("time", "status", weights = "age", weight_type = "sampling"), "lung",
    list(list("at", list(times = vec(c(100, 306, 500, 883))))))
f <- survfit(Surv(futime, fustat) ~ 1, data = set$ovarian, weights = age, robust = TRUE, conf.type = "log")
add("ovarian, fractional sampling weights", "kaplan_meier", "r", whole(f), arguments("futime", "fustat", weights = "age", weight_type = "sampling", interval = "log"), "ovarian")
for (c in list(list("kidney", "time", "status", "id", c(10, 50, 150, 400)), list("rats", "time", "status", "litter", c(60, 80, 90, 100)))) {
  d <- set[[c[[1]]]]
  f <- survfit(Surv(d[[c[[2]]]], d[[c[[3]]]]) ~ 1, cluster = d[[c[[4]]]], conf.type = "log-log")
  add(paste0(c[[1]], ", clusters"), "kaplan_meier", "r", at(f, c[[5]]), arguments(c[[2]], c[[3]], cluster = c[[4]]), c[[1]], list(list("at", list(times = vec(c[[5]])))))
}
f <- survfit(Surv(start, stop, event) ~ 1, data = set$heart, cluster = id, conf.type = "log-log")
add("heart, delayed entry, rows of a subject in clusters", "kaplan_meier", "r", at(f, c(5, 50, 180, 1000)),
    arguments("stop", "event", entry = "start", cluster = "id"), "heart", list(list("at", list(times = vec(c(5, 50, 180, 1000))))))

# 6. Cumulative hazards.
hazard <- function(f) list(cumulative_hazard = vec(f$cumhaz), std_err = vec(f$std.chaz), survival = vec(f$surv), survival_lower = vec(f$lower), survival_upper = vec(f$upper))
for (name in c("aml", "ovarian", "lung", "tied")) for (ctype in 1:2) for (type in c("log", "log-log")) {
  d <- if (name %in% names(inline)) inline[[name]] else set[[name]]
  event <- c(aml = "status", ovarian = "fustat", lung = "status", tied = "event")[[name]]
  time <- if (name == "ovarian") "futime" else "time"
  f <- survfit(Surv(d[[time]], d[[event]]) ~ 1, stype = 2, ctype = ctype, conf.type = type)
  add(paste0(name, ", ctype ", ctype, ", ", type), "nelson_aalen", "r", hazard(f),
      arguments(time, event, ties = c("aalen", "fleming-harrington")[ctype], interval = if (type == "log") "plain" else "log"), name)
}
for (ctype in 1:2) {
  f <- survfit(Surv(start, stop, event) ~ 1, data = set$heart, stype = 2, ctype = ctype, conf.type = "log-log")
  add(paste0("heart, delayed entry, ctype ", ctype), "nelson_aalen", "r", hazard(f),
      arguments("stop", "event", entry = "start", ties = c("aalen", "fleming-harrington")[ctype]), "heart")
}

# 7. Milestones: the formulas of Klein et al. 2007 on survival and standard errors of summary(survfit()).
scales <- list(plain = function(s, e) list(s, e), log = function(s, e) list(log(s), e / s), `log-log` = function(s, e) list(-log(-log(s)), e / (s * abs(log(s)))),
               logit = function(s, e) list(log(s / (1 - s)), e / (s * (1 - s))), arcsin = function(s, e) list(asin(sqrt(s)), e / (2 * sqrt(s * (1 - s)))))
milestones <- list(list("veteran", "time", "status", "trt", c(1, 2), c(30, 100, 200)), list("colon_death", "time", "status", "sex", c(0, 1), c(365, 1095, 1825)),
                   list("lung", "time", "status", "sex", c(1, 2), c(180, 365, 700)), list("ovarian", "futime", "fustat", "rx", c(1, 2), c(400, 700)),
                   list("colon_recurrence", "time", "status", "perfor", c(0, 1), c(365, 1825)))
for (m in milestones) for (scale in types) {
  d <- set[[m[[1]]]]
  s <- lapply(m[[5]], function(g) summary(survfit(Surv(d[[m[[2]]]], d[[m[[3]]]]) ~ 1, subset = d[[m[[4]]]] == g), times = m[[6]]))
  a <- s[[1]]; b <- s[[2]]; z <- qnorm(0.975)
  e <- sqrt(a$std.err^2 + b$std.err^2); le <- sqrt((a$std.err / a$surv)^2 + (b$std.err / b$surv)^2)
  x <- scales[[scale]](a$surv, a$std.err); y <- scales[[scale]](b$surv, b$std.err)
  stat <- (y[[1]] - x[[1]]) / sqrt(x[[2]]^2 + y[[2]]^2)
  add(paste0(m[[1]], " by ", m[[4]], ", milestones, ", scale), "milestone_difference", "r",
      list(survival = cbind(a$surv, b$surv), difference = vec(b$surv - a$surv), difference_std_err = vec(e), difference_lower = vec(b$surv - a$surv - z * e),
           difference_upper = vec(b$surv - a$surv + z * e), ratio = vec(b$surv / a$surv), ratio_lower = vec(b$surv / a$surv * exp(-z * le)),
           ratio_upper = vec(b$surv / a$surv * exp(z * le)), z = vec(stat), chi_square = vec(stat^2), p_value_two_sided = vec(2 * pnorm(-abs(stat))),
           p_value_one_sided = vec(pnorm(stat, lower.tail = FALSE))),
      arguments(m[[2]], m[[3]], group = m[[4]], groups = I(m[[5]]), at = vec(m[[6]]), transform = scale), m[[1]])
}

# 8. Restricted means: print(survfit, rmean = ).
rmean <- function(time, event, until) { t <- summary(survfit(Surv(time, event) ~ 1), rmean = until)$table
  names(t) <- sub("^\\*", "", names(t)); c(t[["rmean"]], t[["se(rmean)"]]) }
means <- list(list("lung", "time", "status", c(11, 100, 500, 1022)), list("veteran", "time", "status", c(30, 365, 999, 1500)), list("aml", "time", "status", c(20, 48, 161)),
              list("ovarian", "futime", "fustat", c(365, 1227)), list("colon_death", "time", "status", c(365, 1826, 3000)), list("stanford2", "time", "status", c(2, 1000)),
              list("tied", "time", "event", c(2.5, 8)))
for (m in means) for (until in m[[4]]) {
  d <- if (m[[1]] %in% names(inline)) inline[[m[[1]]]] else set[[m[[1]]]]
  r <- rmean(d[[m[[2]]]], d[[m[[3]]]], until); z <- qnorm(0.975)
  add(paste0(m[[1]], ", restricted mean until ", until), "restricted_mean", "r",
      list(restricted_mean = r[1], std_err = r[2], lower = r[1] - z * r[2], upper = r[1] + z * r[2], time_lost = until - r[1]),
      arguments(m[[2]], m[[3]], until = until), m[[1]])
}
pairs <- list(list("veteran", "time", "status", "trt", c(1, 2), c(100, 365, 500)), list("colon_death", "time", "status", "sex", c(0, 1), c(365, 1826, 2500)),
              list("lung", "time", "status", "sex", c(1, 2), c(365, 800)), list("ovarian", "futime", "fustat", "rx", c(1, 2), c(700, 1106)),
              list("aml", "time", "status", "x", c("Nonmaintained", "Maintained"), c(20, 45)))
for (m in pairs) for (until in m[[6]]) {
  d <- set[[m[[1]]]]
  r <- sapply(m[[5]], function(g) { w <- d[[m[[4]]]] == g; rmean(d[[m[[2]]]][w], d[[m[[3]]]][w], until) })
  z <- qnorm(0.975); x <- r[1, ]; e <- r[2, ]; lost <- until - x
  delta <- x[2] - x[1]; s <- sqrt(sum(e^2)); l <- log(x[2] / x[1]); ls <- sqrt(sum((e / x)^2)); k <- log(lost[2] / lost[1]); ks <- sqrt(sum((e / lost)^2))
  add(paste0(m[[1]], " by ", m[[4]], ", restricted means until ", until), "restricted_mean_difference", "r",
      list(restricted_mean = vec(x), std_err = vec(e), difference = delta[[1]], difference_std_err = s, difference_lower = delta[[1]] - z * s, difference_upper = delta[[1]] + z * s,
           z = delta[[1]] / s, p_value_two_sided = 2 * pnorm(-abs(delta[[1]] / s)), p_value_one_sided = pnorm(delta[[1]] / s, lower.tail = FALSE),
           ratio = exp(l)[[1]], ratio_lower = exp(l - z * ls)[[1]], ratio_upper = exp(l + z * ls)[[1]], ratio_p_value_two_sided = 2 * pnorm(-abs(l / ls))[[1]],
           time_lost_ratio = exp(k)[[1]], time_lost_ratio_lower = exp(k - z * ks)[[1]], time_lost_ratio_upper = exp(k + z * ks)[[1]],
           time_lost_ratio_p_value_two_sided = 2 * pnorm(-abs(k / ks))[[1]]),
      arguments(m[[2]], m[[3]], group = m[[4]], groups = I(m[[5]]), until = until), m[[1]])
}

# 9. Follow-up.
for (name in c("lung", "colon_death", "veteran", "aml")) {
  d <- set[[name]]
  f <- survfit(Surv(d$time, 1 - d$status) ~ 1, conf.type = "log-log"); q <- quantile(f, 0.5)
  add(paste0(name, ", median follow-up"), "reverse_kaplan_meier", "r", list(estimate = as.numeric(q$quantile), lower = as.numeric(q$lower), upper = as.numeric(q$upper)),
      arguments("time", "status"), name, list(list("median", empty())))
  o <- quantile(d$time, c(0.25, 0.5, 0.75))
  add(paste0(name, ", observed follow-up"), "observed_follow_up", "r",
      list(n = nrow(d), q1 = o[[1]], median = o[[2]], q3 = o[[3]], minimum = min(d$time), maximum = max(d$time)), list(time = "time"), name)
}

used <- c(lapply(setNames(nm = names(set)), function(name) paste0(name, ".csv")),
          lapply(inline, function(d) lapply(as.list(d), I)))
write_evidence("src/equipoise/validation/evidence/curves_r.json", "curves",
  list(r = list(kind = "program", name = "R 4.2.2, survival 3.5-3", script = "verification/evidence/curves.R")), used, cases)

# Printed values. The data of the restricted means are R's own random numbers, as the printed example makes them.
cases <- list()
set.seed(7); n <- 200
seeded <- list(time = I(c(rexp(n, 0.10), rexp(n, 0.07))), event = I(rbinom(2 * n, 1, 0.8)), group = I(rep(0:1, each = n)))
digits <- "as many digits as are printed"
six_mp <- list(time = I(c(6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35)), event = I(c(1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0)))
placebo <- list(time = I(c(1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23)), event = I(rep(1, 21)))
bewick <- list(time = I(c(1, 1, 4, 5, 6, 9, 9, 22)), event = I(c(1, 1, 1, 1, 0, 1, 0, 1)))
weeks <- c(6, 7, 10, 13, 16, 22, 23)
add("6-MP: survival", "kaplan_meier", "gehan", list(survival = vec(c(0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448))),
    arguments("time", "event"), "six_mp", list(list("at", list(times = vec(weeks)))), tolerance = 1.2e-3, reason = digits)
add("6-MP: median", "kaplan_meier", "gehan", list(estimate = 23), arguments("time", "event"), "six_mp", list(list("median", empty())))
add("Placebo: survival beyond weeks 1 and 2", "kaplan_meier", "lecture", list(survival = vec(c(0.905, 0.809))), arguments("time", "event"), "placebo",
    list(list("at", list(times = vec(c(1, 2))))), tolerance = 1e-3, reason = digits)
add("Placebo: survival beyond week 10", "kaplan_meier", "lecture", list(survival = vec(0.381), std_err = vec(0.106)), arguments("time", "event"), "placebo",
    list(list("at", list(times = vec(10)))), tolerance = 5e-3, reason = digits)
add("Eight patients of treatment 2", "kaplan_meier", "bewick", list(n_at_risk = vec(c(8, 6, 5, 3, 1)), survival = vec(c(0.750, 0.625, 0.500, 0.333, 0))),
    arguments("time", "event"), "bewick", list(list("at", list(times = vec(c(1, 4, 5, 9, 22))))), tolerance = 1.5e-3, reason = digits)
add("survRM2: difference and ratios until 10", "restricted_mean_difference", "survrm2",
    list(difference = 1.0812605, difference_lower = 0.4094144, difference_upper = 1.7531066, p_value_two_sided = 0.001608610, ratio = 1.1600165, ratio_lower = 1.0571618,
         ratio_upper = 1.2728783, ratio_p_value_two_sided = 0.001727894, time_lost_ratio = 0.6665677, time_lost_ratio_lower = 0.5119289, time_lost_ratio_upper = 0.8679185,
         time_lost_ratio_p_value_two_sided = 0.002596875),
    arguments("time", "event", group = "group", groups = I(c(0, 1)), until = 10), "seeded", tolerance = 4e-7, reason = digits)
add("survRM2: restricted means of the arms", "restricted_mean_difference", "survrm2", list(restricted_mean = vec(c(6.7572, 7.8384)), z = 3.154),
    arguments("time", "event", group = "group", groups = I(c(0, 1)), until = 10), "seeded", tolerance = 2e-4, reason = digits)
p <- get("pbc"); p <- p[!is.na(p$trt), ]
trial <- list(years = I(p$time / 365.25), died = I(as.numeric(p$status == 2)), arm = I(2 - p$trt))
add("pbc: D-penicillamine against placebo until 10 years", "restricted_mean_difference", "vignette", list(difference = -0.137), tolerance = 4e-3, reason = digits,
    arguments = arguments("years", "died", group = "arm", groups = I(c(0, 1)), until = 10), data = "pbc_trial")
write_evidence("src/equipoise/validation/evidence/curves_printed.json", "curves",
  list(gehan = list(kind = "printed", citation = "6-MP remissions of Freireich et al. 1963, Blood 21:699: the product-limit values of the textbooks"),
       lecture = list(kind = "printed", citation = "Lecture 2, Estimating the survival function: one-sample nonparametric methods (dokumen.tips), control group of Cox & Oakes 1984, table 1.1"),
       bewick = list(kind = "printed", citation = "Bewick et al. 2004, Critical Care 8:389, table 2"),
       survrm2 = list(kind = "printed", citation = "Reference manual of FastSurvival, rmst_fast: printed output of survRM2::rmst2 for the data of set.seed(7)"),
       vignette = list(kind = "printed", citation = "Vignette of survRM2 (unadjusted analysis of pbc): difference of -0.137 years")),
  list(six_mp = six_mp, placebo = placebo, bewick = bewick, seeded = seeded, pbc_trial = trial), cases)
