# R in one process, by the protocol of benchmarks/peers.py:  Rscript benchmarks/peers.R PACKAGE FOLDER
# PACKAGE: survival or cmprsk.
arguments <- commandArgs(TRUE)
package <- arguments[1]
folder <- arguments[2]
suppressMessages(library(survival))
if (package == "cmprsk") suppressMessages(library(cmprsk))

floats <- c("time", "x1", "x2", "x3", "x4", "x5")
n <- file.size(file.path(folder, "time.bin")) / 8
columns <- function(names) {
  found <- lapply(names, function(name) {
    path <- file.path(folder, paste0(name, ".bin"))
    if (name %in% floats) readBin(path, "double", n) else readBin(path, "integer", n, size = 4L)
  })
  names(found) <- names
  as.data.frame(found)
}
six <- c("arm", paste0("x", 1:5))
outcome <- columns(c("time", "event", "arm", "stratum"))
others <- NULL  # the other columns, read when first used
whole <- function() {
  if (is.null(others)) others <<- cbind(outcome, columns(c("cause", paste0("x", 1:5))))
  others
}
years <- c(200, 500, 1000)
read <- function(time, value, start) c(start, value)[findInterval(years, time) + 1]
model <- function(names, strata = "") as.formula(paste("Surv(time, event) ~", paste(names, collapse = " + "), strata))
coefficients_of <- function(fit) as.numeric(coef(fit))

steps <- NULL  # rows of states, made when first used
by_arm <- function(fit) {
  ends <- cumsum(fit$strata); starts <- ends - fit$strata + 1
  unlist(lapply(1:2, function(a) { r <- starts[a]:ends[a]; read(fit$time[r], fit$pstate[r, 2], 0) }))
}
survival_operations <- list(
  km = list(function() survfit(Surv(time, event) ~ 1, data = outcome, conf.type = "log-log"),
            function(f) read(f$time, f$surv, 1)),
  km_limits = list(function() survfit(Surv(time, event) ~ 1, data = outcome, conf.type = "log-log"),
                   function(f) read(f$time, f$lower, 1)),
  logrank = list(function() survdiff(Surv(time, event) ~ arm, data = outcome), function(f) f$chisq),
  logrank_s = list(function() survdiff(Surv(time, event) ~ arm + strata(stratum), data = outcome), function(f) f$chisq),
  cox1 = list(function() coxph(model("arm"), whole()), coefficients_of),
  cox6 = list(function() coxph(model(six), whole()), coefficients_of),
  cox6_s = list(function() coxph(model(six, "+ strata(stratum)"), whole()), coefficients_of),
  aj = list(function() survfit(Surv(time, factor(cause)) ~ arm, data = whole()), by_arm),
  states = list(function() {
    if (is.null(steps)) {
      d <- whole(); ill <- which(d$x3 == 1); change <- 0.4 * d$time[ill]; last <- ifelse(d$event == 1, "dead", "censored")
      first <- data.frame(id = seq_len(nrow(d)), start = 0, stop = d$time, from = "well", to = last)
      first$stop[ill] <- change; first$to[ill] <- "ill"
      steps <<- rbind(first, data.frame(id = ill, start = change, stop = d$time[ill], from = "ill", to = last[ill]))
      steps$to <<- factor(steps$to, c("censored", "ill", "dead")); steps$from <<- factor(steps$from, c("well", "ill", "dead"))
    }
    survfit(Surv(start, stop, to) ~ 1, data = steps, id = id, istate = from)
  }, function(f) read(f$time, f$pstate[, match("dead", f$states)], 0)),
  fg6 = list(function() {
    long <- finegray(Surv(time, factor(cause)) ~ ., data = whole()[c("time", "cause", six)], etype = "1")
    coxph(as.formula(paste("Surv(fgstart, fgstop, fgstatus) ~", paste(six, collapse = " + "))),
          data = long, weights = fgwt, ties = "breslow")
  }, coefficients_of))
cmprsk_operations <- list(
  gray = list(function() { d <- whole(); cuminc(d$time, d$cause, d$arm) }, function(f) as.numeric(f$Tests[1, 1])),
  cif = list(function() { d <- whole(); cuminc(d$time, d$cause, d$arm) },
             function(f) as.numeric(t(timepoints(f, years)$est[1:2, ]))),
  fg6 = list(function() { d <- whole(); crr(d$time, d$cause, as.matrix(d[six])) }, function(f) as.numeric(f$coef)))
operations <- if (package == "cmprsk") cmprsk_operations else survival_operations

memory <- function(key) as.numeric(gsub("[^0-9]", "", grep(key, readLines("/proc/self/status"), value = TRUE)[1])) / 1024
number <- function(v) ifelse(is.finite(v), sprintf("%.12g", v), "NaN")
measured <- function(call, loops) {
  invisible(gc())
  try(cat("5", file = "/proc/self/clear_refs"), silent = TRUE)
  before <- memory("VmRSS")
  start <- proc.time()
  for (i in seq_len(loops)) value <- call()
  took <- proc.time() - start
  list(numbers = c(cpu = sum(took[c(1, 2, 4, 5)], na.rm = TRUE) / loops, wall = took[[3]] / loops,
                   peak = memory("VmHWM") - before), value = value)
}

input <- file("stdin", "r")
while (length(line <- readLines(input, 1)) > 0) {
  words <- strsplit(line, " ")[[1]]
  if (words[1] == "version") {
    cat(sprintf('{"version": "%s", "operations": [%s]}\n', as.character(packageVersion(package)),
                paste0('"', names(operations), '"', collapse = ", ")))
  } else {
    answer <- tryCatch({
      found <- measured(operations[[words[1]]][[1]], as.integer(words[2]))
      values <- operations[[words[1]]][[2]](found$value)
      sprintf('{"cpu": %.9g, "wall": %.9g, "peak": %.6g, "values": [%s]}', found$numbers[["cpu"]],
              found$numbers[["wall"]], found$numbers[["peak"]], paste(number(values), collapse = ", "))
    }, error = function(e) sprintf('{"failed": "%s"}', gsub('["\\\\\n]', " ", conditionMessage(e))))
    cat(answer, "\n", sep = "")
    rm(list = intersect("found", ls()))
  }
  flush(stdout())
}
