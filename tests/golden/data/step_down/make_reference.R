# Step-down permutation of three outcomes by hand in base R, every allocation fitted; writes expected.json.
# Rscript tests/golden/data/step_down/make_reference.R
library(jsonlite)
people <- read.csv("tests/golden/data/explain/processed/participants.csv")
people$team <- interaction(people$trust, people$team, drop = TRUE)
people$z_6m[people$team == "B.South"] <- NA  # a team without one of the outcomes
# effects, so that the p-values differ
people$s_6m <- people$s_6m + 4 * (people$arm == "i")
people$y_6m <- people$y_6m + 0.7 * (people$arm == "i")
outcomes <- list(y = c("y_6m", "y_0m"), z = c("z_6m", "z_0m"), s = c("s_6m", "age"))
teams <- levels(people$team)
observed <- sapply(teams, function(k) people$arm[people$team == k][1] == "i")

# two stages: a slope with the arm in the model; means of teams, Welch's t of the arms or the paired t of trusts
statistic <- function(names, own, pairs) {
  d <- people[complete.cases(people[names]), ]
  treated <- own[as.character(d$team)]
  X <- cbind(1, x = d[[names[2]]], treated)
  if (pairs) X <- cbind(X, model.matrix(~ trust, d)[, -1])
  slope <- lm.fit(X, d[[names[1]]])$coefficients[["x"]]
  m <- tapply(d[[names[1]]] - slope * d[[names[2]]], droplevels(d$team), mean)
  own <- own[names(m)]
  if (!pairs) {
    a <- m[own]; b <- m[!own]
    return(abs(mean(a) - mean(b)) / sqrt(var(a) / length(a) + var(b) / length(b)))
  }
  trust <- sub("\\..*", "", names(m))
  both <- names(which(table(trust) == 2))
  apart <- sapply(both, function(k) m[trust == k & own] - m[trust == k & !own])
  abs(mean(apart)) / (sd(apart) / sqrt(length(apart)))
}
adjusted <- function(pairs) {
  if (pairs) {
    sides <- as.matrix(expand.grid(rep(list(c(FALSE, TRUE)), 5)))
    allocations <- apply(sides, 1, function(k) setNames(as.vector(rbind(k, !k)), sort(teams)))
  } else {
    allocations <- apply(combn(10, 5), 2, function(i) setNames(seq_along(teams) %in% i, teams))
  }
  found <- sapply(outcomes, statistic, own = observed, pairs = pairs)
  every <- sapply(outcomes, function(o) apply(allocations, 2, function(a) statistic(o, a, pairs)))
  order <- order(-found)
  p <- sapply(seq_along(order), function(k) {
    largest <- apply(every[, order[k:length(order)], drop = FALSE], 1, max)
    mean(largest >= found[order[k]] * (1 - 1e-9))
  })
  alone <- sapply(names(outcomes), function(o) mean(every[, o] >= found[o] * (1 - 1e-9)))
  list(n = ncol(allocations), alone = as.list(alone), adjusted = as.list(setNames(cummax(p), names(outcomes)[order])))
}
write_json(list(R = R.version.string, across = adjusted(FALSE), within = adjusted(TRUE)), auto_unbox = TRUE,
           digits = NA, pretty = TRUE, path = "tests/golden/data/step_down/expected.json")
