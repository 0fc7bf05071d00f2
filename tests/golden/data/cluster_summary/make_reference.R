# Two-stage comparisons of cluster means, by lm and t.test: Rscript make_reference.R > expected.json
# Stage 1: the outcome on the arm and the covariates (paired: and the trusts); the slopes of what varies within clusters
# are taken off. Stage 2: cluster means on the arm and on covariates of clusters.
rows <- read.csv("../explain/processed/participants.csv")
rows$staff <- c(A = 4, B = 7, C = 5, D = 9, E = 6)[rows$trust] + 2 * (rows$team == "South" & rows$trust %in% c("B", "D"))
rows <- rows[complete.cases(rows[c("y_6m", "y_0m", "age", "gender")]), ]
rows$arm <- factor(rows$arm, levels = c("c", "i"))
cluster <- interaction(rows$trust, rows$team, drop = TRUE)

adjusted <- function(formula, covariates) {
  first <- lm(formula, data = rows)
  X <- model.matrix(first)[, covariates, drop = FALSE]
  rows$y_6m - drop(sweep(X, 2, colMeans(X)) %*% coef(first)[covariates])
}
shown <- function(name, estimate, se, df) {
  t <- qt(0.975, df)
  cat(sprintf(' "%s": {"estimate": %.15g, "se": %.15g, "df": %d, "ci_low": %.15g, "ci_high": %.15g, "p_value": %.15g}',
              name, estimate, se, as.integer(df), estimate - t * se, estimate + t * se, 2 * pt(-abs(estimate / se), df)))
}
of_clusters <- function(value) data.frame(
  value = tapply(value, cluster, mean), staff = tapply(rows$staff, cluster, mean),
  arm = factor(tapply(as.character(rows$arm), cluster, unique), levels = c("c", "i")),
  trust = tapply(rows$trust, cluster, unique))
from_t <- function(name, test, estimate) shown(name, estimate, test$stderr, test$parameter)
from_lm <- function(name, fit, term) {
  row <- coef(summary(fit))[term, ]
  shown(name, row[[1]], row[[2]], df.residual(fit))
}
people <- c("y_0m", "age", "genderm")

cat('{"program": "R ', R.version$major, ".", R.version$minor, '",\n', sep = "")
means <- of_clusters(adjusted(y_6m ~ arm + y_0m + age + gender, people))
test <- t.test(means$value[means$arm == "i"], means$value[means$arm == "c"], var.equal = TRUE)
from_t("unpaired", test, unname(test$estimate[1] - test$estimate[2])); cat(",\n")
means <- of_clusters(adjusted(y_6m ~ arm + y_0m + age + gender + staff, people))
from_lm("unpaired_staff", lm(value ~ arm + staff, data = means), "armi"); cat(",\n")
means <- of_clusters(adjusted(y_6m ~ arm + y_0m + age + gender + trust, people))
from_lm("unpaired_trust", lm(value ~ arm + trust, data = means), "armi"); cat(",\n")
sides <- with(means, tapply(value, list(trust, arm), mean))
test <- t.test(sides[, "i"], sides[, "c"], paired = TRUE)
from_t("paired", test, unname(test$estimate)); cat(",\n")
means <- of_clusters(adjusted(y_6m ~ arm + y_0m + age + gender + staff + trust, people))
wide <- data.frame(d = with(means, tapply(value, list(trust, arm), mean)) %*% c(-1, 1),
                   staff = with(means, tapply(staff, list(trust, arm), mean)) %*% c(-1, 1))
from_lm("paired_staff", lm(d ~ staff, data = wide), "(Intercept)"); cat("\n}\n")
