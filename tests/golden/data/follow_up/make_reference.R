# Reference numbers for test_follow_up_weights.py: weights by the inverse of the probability of follow-up, then lm and
# clubSandwich (CR2, Satterthwaite), on ../confounding/people.csv.
# Rscript make_reference.R > expected.json, in this folder.
# Jeffreys' prior: glm on the data with each row again at half its leverage, once with its outcome and once with the other
# (Firth 1993; Heinze & Schemper 2002), until the coefficients rest.
suppressMessages(library(clubSandwich))
people <- read.csv("../confounding/people.csv", stringsAsFactors = TRUE, na.strings = "")
people$arm <- relevel(people$arm, "comparison")
people$cluster <- interaction(people$trust, people$team, drop = TRUE)
predictors <- c("rguk_0m", "age", "relationship")
rows <- people[complete.cases(people[, c("arm", "gender", predictors)]), ]
rows$kept <- as.numeric(!is.na(rows$rguk_6m))

firth <- function(formula, rows) {
  X <- model.matrix(formula, droplevels(rows))
  X <- X[, qr(X)$pivot[seq_len(qr(X)$rank)]]
  y <- rows$kept
  b <- rep(0, ncol(X))
  for (i in 1:2000) {
    p <- plogis(drop(X %*% b))
    w <- p * (1 - p)
    h <- w * rowSums((X %*% solve(crossprod(X, w * X))) * X)
    fit <- suppressWarnings(glm.fit(rbind(X, X, X), c(y, y, 1 - y), weights = c(rep(1, length(y)), h / 2, h / 2),
      start = b, family = binomial(), control = glm.control(epsilon = 1e-15, maxit = 100)))
    moved <- max(abs(fit$coefficients - b))
    b <- fit$coefficients
    if (moved < 1e-12) break
  }
  stopifnot(moved < 1e-12)
  plogis(drop(X %*% b))
}
report <- function(chance) {
  rows$w <- ave(rows$kept, rows$arm) / chance
  kept <- droplevels(rows[rows$kept == 1, ])
  out <- list(n = nrow(kept), lost = sum(rows$kept == 0), effective = sum(kept$w)^2 / sum(kept$w^2),
              largest = max(kept$w), smallest = min(kept$w))
  fit <- lm(rguk_6m ~ arm + rguk_0m + age + gender, kept, weights = w)
  for (by in c("trust", "cluster")) {
    test <- coef_test(fit, vcov = "CR2", cluster = kept[[by]], test = "Satterthwaite")["armimplementation", ]
    out[paste(by, c("estimate", "se", "df"), sep = "_")] <- c(test$beta, test$SE, test$df_Satt)
  }
  out
}
model <- ~ rguk_0m + age + relationship
apart <- numeric(nrow(rows))
for (arm in levels(rows$arm)) apart[rows$arm == arm] <- firth(model, rows[rows$arm == arm, ])
found <- list(one_slope = report(firth(update(model, ~ arm + .), rows)), by_arm = report(apart))
program <- paste0(R.version.string, ", clubSandwich ", packageVersion("clubSandwich"))
cat('{\n  "program": "', program, '",\n', paste(sprintf('  "%s": {%s}', names(found), sapply(found, function(v)
  paste(sprintf('"%s": %.12g', names(v), unlist(v)), collapse = ", "))), collapse = ",\n"), "\n}\n", sep = "")
