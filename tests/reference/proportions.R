# Values for tests/analysis/test_proportions.py: shares of patients compared, by base R (stats).
# Run from the root of the project: Rscript tests/reference/proportions.R
out <- list()
add <- function(...) out[[length(out) + 1]] <<- list(...)

# fisher.test solves its limits to 1e-3 in places: the same equations, solved to the end.
exact_limits <- function(x1, n1, x0, n0, level) {
  s <- max(0, x1 + x0 - n0):min(n1, x1 + x0)
  logs <- dhyper(s, n1, n0, x1 + x0, log = TRUE)
  tail <- function(log_or, upper) {
    w <- logs + s * log_or
    w <- exp(w - max(w))
    sum(w[if (upper) s >= x1 else s <= x1]) / sum(w) - (1 - level) / 2
  }
  f <- function(upper) exp(uniroot(function(l) tail(l, upper), c(-20, 20), tol = 1e-15)$root)
  c(f(TRUE), f(FALSE))
}

wilson <- function(x, n, level) suppressWarnings(prop.test(x, n, conf.level = level, correct = FALSE))$conf.int

counts <- function(answer, arm) {
  x <- tapply(answer, arm, sum)
  n <- table(arm)
  c(x[["e"]], n[["e"]], x[["c"]], n[["c"]])
}

compared <- function(analysis, group, answer, arm, level, difference, odds) {
  k <- counts(answer, arm)
  p <- c(k[1] / k[2], k[3] / k[4])
  d <- p[1] - p[2]
  z <- qnorm(1 - (1 - level) / 2)
  limits <- if (difference == "wald") d + c(-1, 1) * z * sqrt(sum(p * (1 - p) / k[c(2, 4)])) else {
    w1 <- wilson(k[1], k[2], level)
    w0 <- wilson(k[3], k[4], level)
    c(d - sqrt((p[1] - w1[1])^2 + (w0[2] - p[2])^2), d + sqrt((w1[2] - p[1])^2 + (p[2] - w0[1])^2))
  }
  for (one in list(c("risk_difference", d), c("lower", limits[1]), c("upper", limits[2]))) {
    add(analysis = analysis, group = group, kind = "risk difference", statistic = one[1], value = as.numeric(one[2]))
  }
  cells <- c(k[1], k[2] - k[1], k[3], k[4] - k[3])
  or <- cells[1] * cells[4] / (cells[2] * cells[3])
  limits <- if (odds == "exact") exact_limits(k[1], k[2], k[3], k[4], level) else or * exp(c(-1, 1) * z * sqrt(sum(1 / cells)))
  add(analysis = analysis, group = group, kind = "odds ratio", statistic = "odds_ratio", value = or)
  add(analysis = analysis, group = group, kind = "odds ratio", statistic = "lower", value = limits[1])
  add(analysis = analysis, group = group, kind = "odds ratio", statistic = "upper", value = limits[2])
}

pearson <- function(analysis, group, table) {
  t <- suppressWarnings(chisq.test(table, correct = FALSE))
  add(analysis = analysis, group = group, kind = "Pearson", statistic = "chi_square", value = unname(t$statistic))
  add(analysis = analysis, group = group, kind = "Pearson", statistic = "df", value = unname(t$parameter))
  add(analysis = analysis, group = group, kind = "Pearson", statistic = "p_value_two_sided", value = t$p.value)
}

model <- function(analysis, formula, data, places) {
  m <- glm(formula, binomial, data, control = list(epsilon = 1e-14, maxit = 100))
  s <- summary(m)$coefficients
  for (i in seq_along(places)) {
    b <- s[i + 1, 1]
    e <- s[i + 1, 2]
    about <- list(analysis = analysis, group = places[[i]][1], level = places[[i]][2], kind = "logistic")
    values <- c(odds_ratio = exp(b), lower = exp(b - qnorm(0.975) * e), upper = exp(b + qnorm(0.975) * e),
                log_odds_ratio = b, std_err = e, p_value_two_sided = s[i + 1, 4])
    for (name in names(values)) do.call(add, c(about, statistic = name, value = values[[name]]))
  }
}

colon <- read.csv("src/equipoise/trials/intergroup0035/data/colon.csv")
colon <- colon[colon$etype == 2, ]
colon <- colon[order(colon$id), ]
colon$differentiation <- factor(c("well", "moderate", "poor")[colon$differ], c("well", "moderate", "poor"))
colon$sex <- factor(ifelse(colon$sex == 1, "male", "female"), c("female", "male"))
pair <- function(experimental) {
  x <- colon[colon$rx %in% c("Obs", experimental), ]
  x$arm <- ifelse(x$rx == "Obs", "c", "e")
  x
}
both <- "levamisole_fluorouracil vs observation"
alone <- "levamisole vs observation"
for (one in list(list(both, "Lev+5FU"), list(alone, "Lev"))) {
  x <- pair(one[[2]])
  pearson("many_nodes", one[[1]], table(x$arm, x$node4))
  compared("many_nodes", one[[1]], x$node4, x$arm, 0.95, "wald", "exact")
}
x <- pair("Lev+5FU")
x$treated <- as.numeric(x$arm == "e")
model("many_nodes", node4 ~ treated + age + differentiation, x, list(
  c(both, ""), c(both, "age"), c(both, "differentiation=moderate vs differentiation=well"),
  c(both, "differentiation=poor vs differentiation=well")
))

# 8 and 9 perforations: no count is 5 or less, so Pearson; one-sided, more in the experimental arm
k <- counts(x$perfor, x$arm)
t <- prop.test(k[c(1, 3)], k[c(2, 4)], alternative = "greater", correct = FALSE)
add(analysis = "perforated", group = both, kind = "Pearson", statistic = "p_value_one_sided", value = t$p.value)
compared("perforated", both, x$perfor, x$arm, 0.9, "newcombe", "wald")

# Few: 4 and 2, so Fisher
x <- pair("Lev")
few <- as.numeric(x$perfor == 1 & x$node4 == 1)
f <- fisher.test(table(x$arm, few))
add(analysis = "few", group = alone, kind = "Fisher", statistic = "p_value_two_sided", value = f$p.value)
add(analysis = "few_greater", group = alone, kind = "Fisher", statistic = "p_value_one_sided",
    value = fisher.test(table(x$arm, few), alternative = "greater")$p.value)

# Levels of a factor
pearson("by_differentiation", "overall", table(colon$differentiation, colon$obstruct))
model("by_differentiation", obstruct ~ differentiation + age + sex, colon, list(
  c("differentiation=moderate vs differentiation=well", ""), c("differentiation=poor vs differentiation=well", ""),
  c("overall", "age"), c("overall", "sex=male vs sex=female")
))
add(analysis = "fisher_by_extent", group = "overall", kind = "Fisher-Freeman-Halton", statistic = "p_value_two_sided",
    value = fisher.test(table(colon$extent, colon$perfor))$p.value)

columns <- c("analysis", "group", "level", "kind", "statistic", "value")
frame <- do.call(rbind, lapply(out, function(r) {
  cells <- lapply(columns, function(c) if (is.null(r[[c]])) "" else if (is.numeric(r[[c]])) sprintf("%.17g", r[[c]]) else r[[c]])
  as.data.frame(setNames(cells, columns))
}))
con <- file("tests/reference/proportions.csv", "w")
writeLines(sprintf("# %s", R.version.string), con)
write.csv(frame, con, row.names = FALSE, quote = FALSE)
close(con)
