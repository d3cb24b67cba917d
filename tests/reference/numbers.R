# Distribution functions and descriptive statistics of base R.

cases <- list()
x <- c(-38, -20, -8, -3, -1.959963984540054, -1, -0.1, 0, 1e-10, 0.1, 0.7, 1, 2, 3.3, 5, 8, 13.7, 21, 30.1, 37.5)
cases$normal_sf <- list(x = x, value = pnorm(x, lower.tail = FALSE))
p <- c(1e-300, 1e-100, 1e-20, 1e-10, 1e-5, 0.001, 0.025, 0.1, 0.3, 0.4999, 0.5, 0.6, 0.9, 0.975, 0.999, 1 - 1e-9)
cases$normal_quantile <- list(p = p, value = qnorm(p))
grid <- expand.grid(x = c(1e-8, 0.001, 0.3, 1, 3.84, 10, 30.5, 100, 333.3, 700, 1300), df = c(1:8, 15, 30, 61))
cases$chi_square_sf <- list(x = grid$x, df = grid$df, value = pchisq(grid$x, grid$df, lower.tail = FALSE))

values <- list(ages = lung$age, losses = lung$wt.loss[!is.na(lung$wt.loss)], tenths = (1:10) / 10,
               three = c(2, 9, 4), two = c(7, 1), one = 5, ties = c(1, 1, 1, 2, 2, 8))
for (name in names(values)) {
  v <- values[[name]]
  cases[[paste("describe", name)]] <-
    list(values = I(v), mean = mean(v), sd = sd(v), p = c(0, 0.1, 0.25, 0.3, 0.5, 0.75, 0.9, 1),
         type_7 = unname(quantile(v, c(0, 0.1, 0.25, 0.3, 0.5, 0.75, 0.9, 1), type = 7)),
         type_2 = unname(quantile(v, c(0, 0.1, 0.25, 0.3, 0.5, 0.75, 0.9, 1), type = 2)))
}
write_cases(cases, file.path(here, "numbers.json"))
