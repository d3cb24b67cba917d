# A JSON writer of 20 lines, so that regenerating the references needs no package but survival.
# Numbers carry 17 significant digits, which is every bit of a double; NA and NaN become null.

number <- function(x) {
  if (is.na(x)) return("null")
  if (is.infinite(x)) return(if (x > 0) '"Infinity"' else '"-Infinity"')
  if (x == round(x) && abs(x) < 1e15) return(sprintf("%.0f", x))
  sprintf("%.17g", x)
}

json <- function(x) {
  if (is.list(x)) {
    items <- vapply(x, json, "")
    if (is.null(names(x))) return(paste0("[", paste(items, collapse = ", "), "]"))
    return(paste0("{", paste0('"', names(x), '": ', items, collapse = ", "), "}"))
  }
  if (is.matrix(x)) return(json(lapply(seq_len(nrow(x)), function(i) as.vector(x[i, ]))))
  if (is.factor(x)) x <- as.character(x)
  items <- if (is.character(x)) paste0('"', x, '"') else vapply(as.numeric(x), number, "")
  if (inherits(x, "AsIs") || length(x) != 1) paste0("[", paste(items, collapse = ", "), "]") else items
}

# One case a line, so that a change in one case is a change of one line.
write_cases <- function(cases, path) {
  made_by <- list(r = R.version.string, survival = as.character(packageVersion("survival")))
  lines <- vapply(names(cases), function(name) paste0('    "', name, '": ', json(cases[[name]])), "")
  writeLines(c("{", paste0('  "made_by": ', json(made_by), ","), '  "cases": {',
               paste(lines, collapse = ",\n"), "  }", "}"), path)
}
