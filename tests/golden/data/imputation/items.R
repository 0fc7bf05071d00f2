# Two trials with a scale of six items, of which answers are missing given arm and baseline: yes-no items, and numbers. mice
# imputes every item from the sum of the others (made passively before each item), arm and baseline, by logistic regression
# (logreg) and by Bayesian linear regression (norm); the score is the sum of the completed items. Written: the trials, and
# the coefficients of the score on arm and baseline over the completed data sets, with their Monte Carlo errors.
# Run in this folder: Rscript items.R
suppressMessages({library(mice); library(jsonlite)})
set.seed(20260301)
n <- 300; k <- 6; m <- 400
names_of <- paste0("i", 1:k); sums <- paste0("r", 1:k)
made <- function(binary) {
  arm <- rep(0:1, length.out = n)
  x <- rnorm(n)
  latent <- 0.5 * x + 0.4 * arm + 0.8 * rnorm(n)
  items <- sapply(1:k, function(j) latent + (j - 3.5) / 3 + rnorm(n))
  items <- if (binary) (items > 0) + 0 else round(items, 3)
  gone <- sapply(1:k, function(j) runif(n) < plogis(-2 + 0.8 * x * (arm == 1) + 0.3 * j * (arm == 1)))
  gone[rowSums(gone) == k, 1] <- FALSE
  items[gone] <- NA
  colnames(items) <- names_of
  data.frame(arm = arm, x = round(x, 3), items)
}
analysed <- function(trial, method) {
  d <- trial
  if (method == "logreg") for (one in names_of) d[[one]] <- factor(d[[one]], levels = 0:1)
  for (j in 1:k) d[[sums[j]]] <- NA
  start <- suppressWarnings(mice(d, maxit = 0, remove.collinear = FALSE))
  how <- start$method; how[] <- ""; how[names_of] <- method
  value <- function(one) if (method == "logreg") paste0("as.integer(", one, " == 1)") else one
  for (j in 1:k) how[sums[j]] <- paste0("~I(", paste(sapply(names_of[-j], value), collapse = " + "), ")")
  p <- start$predictorMatrix; p[, ] <- 0
  for (j in 1:k) p[names_of[j], c("arm", "x", sums[j])] <- 1
  visits <- as.vector(rbind(sums, names_of))
  found <- mice(d, m = m, maxit = 10, method = how, predictorMatrix = p, visitSequence = visits, printFlag = FALSE,
                seed = 1, remove.collinear = FALSE)
  fits <- lapply(seq_len(m), function(i) {
    e <- complete(found, i)
    score <- rowSums(sapply(names_of, function(one) as.numeric(as.character(e[[one]]))))
    summary(lm(score ~ e$arm + e$x))$coefficients
  })
  q <- sapply(fits, function(f) f[, 1]); u <- sapply(fits, function(f) f[, 2]^2)
  list(estimate = unname(rowMeans(q)), between = unname(apply(q, 1, var)), within = unname(rowMeans(u)))
}
out <- list(program = paste0("R ", R.version$major, ".", R.version$minor, ", mice ", packageVersion("mice")), m = m)
for (kind in c("binary", "number")) {
  trial <- made(kind == "binary")
  write.csv(trial, paste0("items_", kind, ".csv"), row.names = FALSE, na = "")
  out[[kind]] <- analysed(trial, if (kind == "binary") "logreg" else "norm")
}
write(toJSON(out, auto_unbox = TRUE, digits = 8), "items.json")
