# Reference numbers for test_analyses_confounding.py: R's glm (overlap weights), the dual of entropy balancing minimised by
# optim and polished by Newton steps, lm, and clubSandwich (CR2, Satterthwaite) on ../confounding/people.csv.
# Rscript make_reference.R > expected.json, in this folder.
suppressMessages(library(clubSandwich))
people <- read.csv("../confounding/people.csv", stringsAsFactors = TRUE, na.strings = "")
people$arm <- relevel(people$arm, "comparison")
people$cluster <- interaction(people$trust, people$team, drop = TRUE)
on <- c("age", "gender", "relationship", "rguk_0m")
rows <- people[complete.cases(people[, c("rguk_6m", "arm", on)]), ]
rows$relationship <- droplevels(rows$relationship)
treated <- rows$arm == "implementation"
X <- model.matrix(~ age + gender + relationship + rguk_0m, rows)[, -1]

overlap <- function() {
  e <- fitted(glm(treated ~ X, family = binomial, control = glm.control(epsilon = 1e-14, maxit = 100)))
  ifelse(treated, 1 - e, e)
}
ebal <- function(Z) {            # Z: columns minus targets; weights sum to one
  Z <- Z %*% diag(1 / apply(Z, 2, sd))
  dual <- function(l) { s <- drop(Z %*% l); m <- max(s); m + log(sum(exp(s - m))) }
  weigh <- function(l) { s <- drop(Z %*% l); w <- exp(s - max(s)); w / sum(w) }
  l <- optim(rep(0, ncol(Z)), dual, function(l) drop(t(Z) %*% weigh(l)), method = "BFGS",
             control = list(reltol = 1e-14, maxit = 5000))$par
  for (i in 1:20) {
    w <- weigh(l); g <- drop(t(Z) %*% w)
    l <- l - solve(t(Z) %*% (w * Z) - tcrossprod(g), g)
  }
  weigh(l)
}
entropy <- function(target) {
  w <- numeric(nrow(X))
  for (arm in c(FALSE, TRUE)) {
    own <- treated == arm
    goal <- switch(target, everyone = colMeans(X), reference = colMeans(X[!treated, ]), compared = colMeans(X[treated, ]))
    w[own] <- ebal(sweep(X[own, ], 2, goal))
  }
  w
}
smd <- function(x, w) {
  spread <- sqrt((var(x[treated]) + var(x[!treated])) / 2)
  (weighted.mean(x[treated], w[treated]) - weighted.mean(x[!treated], w[!treated])) / spread
}
team_smd <- function(x, w) {     # means of teams, each counting once
  mean_of <- function(v) tapply(v * x, rows$cluster, sum) / tapply(v, rows$cluster, sum)
  arm <- tapply(as.integer(treated), rows$cluster, max) == 1
  raw <- mean_of(rep(1, nrow(rows))); now <- mean_of(w)
  (mean(now[arm]) - mean(now[!arm])) / sqrt((var(raw[arm]) + var(raw[!arm])) / 2)
}
report <- function(w) {
  for (arm in c(FALSE, TRUE)) w[treated == arm] <- w[treated == arm] * sum(treated == arm) / sum(w[treated == arm])
  rows$w <- w
  kish <- function(v) sum(v)^2 / sum(v^2)
  out <- list(n = nrow(rows), kish_reference = kish(w[!treated]), kish_compared = kish(w[treated]),
              largest = max(w), smd_age = smd(rows$age, w), team_smd_age = team_smd(rows$age, w),
              team_smd_rguk_0m = team_smd(rows$rguk_0m, w))
  for (by in c("trust", "cluster")) for (f in c("plain", "adjusted")) {
    fit <- if (f == "plain") lm(rguk_6m ~ arm, rows, weights = w) else
      lm(rguk_6m ~ arm + rguk_0m + age + gender, rows, weights = w)
    test <- coef_test(fit, vcov = "CR2", cluster = rows[[by]], test = "Satterthwaite")["armimplementation", ]
    names <- paste(f, by, c("estimate", "se", "df"), sep = "_")
    out[names] <- c(test$beta, test$SE, test$df_Satt)
  }
  out
}
found <- list(none = report(rep(1, nrow(rows))), overlap = report(overlap()), everyone = report(entropy("everyone")),
              reference = report(entropy("reference")), compared = report(entropy("compared")))
program <- paste0(R.version.string, ", clubSandwich ", packageVersion("clubSandwich"))
cat('{\n  "program": "', program, '",\n', paste(sprintf('  "%s": {%s}', names(found), sapply(found, function(v)
  paste(sprintf('"%s": %.12g', names(v), unlist(v)), collapse = ", "))), collapse = ",\n"), "\n}\n", sep = "")
