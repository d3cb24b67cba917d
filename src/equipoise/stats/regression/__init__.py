"""Models: Cox, logistic, and the selection of covariates."""
