# Evidence files (format: src/equipoise/validation/evidence.py) without a package. Source from the repository's root:
#   source("verification/evidence/json.R")
# Numbers carry 17 significant digits, which is every bit of a double; NA and NaN become null.

number <- function(x) {
  if (is.na(x)) return("null")
  if (is.infinite(x)) return(if (x > 0) '"Infinity"' else '"-Infinity"')
  if (x == round(x) && abs(x) < 1e15) return(sprintf("%.0f", x))
  sprintf("%.17g", x)
}

# A named list is an object, an unnamed one a list; I(x) stays a list even of one element; TRUE is true.
json <- function(x) {
  if (is.null(x)) return("null")
  if (is.list(x)) {
    items <- vapply(x, json, "")
    if (length(x) == 0) return(if (is.null(names(x))) "[]" else "{}")
    if (is.null(names(x))) return(paste0("[", paste(items, collapse = ", "), "]"))
    return(paste0("{", paste0('"', names(x), '": ', items, collapse = ", "), "}"))
  }
  if (is.matrix(x)) return(json(lapply(seq_len(nrow(x)), function(i) I(as.vector(x[i, ])))))
  if (is.factor(x)) x <- as.character(x)
  items <- if (is.character(x)) paste0('"', gsub('"', '\\\\"', x), '"') else if (is.logical(x) && !anyNA(x)) ifelse(x, "true", "false") else vapply(as.numeric(x), number, "")
  if (inherits(x, "AsIs") || length(x) != 1) paste0("[", paste(items, collapse = ", "), "]") else items
}

empty <- function() setNames(list(), character(0))

# One case: values and arguments are named lists. Collect them with cases[[length(cases) + 1]] <- case(...)
case <- function(id, fun, source, values, arguments = empty(), data = NULL, then = NULL, requirements = NULL, tolerance = NULL, reason = NULL) {
  x <- list(id = id, `function` = fun, source = source)
  if (!is.null(requirements)) x$requirements <- I(requirements)
  if (!is.null(data)) x$data <- data
  x$arguments <- if (length(arguments)) arguments else empty()
  if (!is.null(then)) x$then <- then  # list(list("median", empty()))
  x$values <- values
  if (!is.null(tolerance)) x$tolerance <- tolerance
  if (!is.null(reason)) x$reason <- reason
  x
}

# One case a line, so that a change in one case is a change of one line.
write_evidence <- function(path, area, sources, data, cases) {
  lines <- vapply(cases, function(one) paste0("    ", json(one)), "")
  writeLines(c("{", paste0('  "area": "', area, '",'), paste0('  "sources": ', json(sources), ","),
               paste0('  "data": ', if (length(data)) json(data) else "{}", ","), '  "cases": [',
               paste(lines, collapse = ",\n"), "  ]", "}"), path)
}
