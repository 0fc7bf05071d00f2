# Adjusted means and joint tests by lmerTest, pbkrtest and emmeans: Rscript make_reference.R > expected.json
# Made-up data of eight teams, written beside as clinic.csv. The logarithm is a column of its own, so that emmeans holds
# it at its mean, which is the mean over people; the square likewise.
suppressMessages({library(lmerTest); library(pbkrtest); library(emmeans)})
set.seed(7)
n <- 88
d <- data.frame(team = rep(sprintf("t%d", 1:8), each = 11))
d$arm <- ifelse(as.integer(sub("t", "", d$team)) %% 2 == 0, "new", "usual")
d$sex <- sample(c("f", "m"), n, replace = TRUE, prob = c(.7, .3))
d$calls <- rpois(n, 3) * rpois(n, 4)
d$before <- round(rnorm(n, 40, 9), 1)
d$after <- round(8 + .7 * d$before + 3 * log1p(d$calls) + rnorm(8, 0, 2)[factor(d$team)] + (d$arm == "new") + rnorm(n, 0, 5), 1)
write.csv(d, "clinic.csv", row.names = FALSE)
d$arm <- relevel(factor(d$arm), "usual"); d$lcalls <- log1p(d$calls); d$calls2 <- d$calls^2; d$product <- d$before * d$calls

rows <- function(grid) {
  s <- summary(grid, level = .95)
  sprintf('[%s]', paste(sprintf('[%.15g, %.15g, %.15g]', s$emmean, s$SE, s$df), collapse = ", "))
}
means <- function(name, formula, ...) {
  fit <- lmerTest::lmer(formula, d)
  cat(sprintf(' "%s": %s,\n', name, rows(emmeans(fit, "arm", lmer.df = "kenward-roger", ...))))
}
versions <- sapply(c("lme4", "lmerTest", "pbkrtest", "emmeans"), function(p) as.character(packageVersion(p)))
cat(sprintf('{"program": "R %s.%s, %s",\n', R.version$major, R.version$minor,
            paste(names(versions), versions, collapse = ", ")))
means("log1p", after ~ arm + before + lcalls + (1 | team))
means("square", after ~ arm + before + calls + calls2 + (1 | team))
means("product", after ~ arm + before + calls + product + (1 | team))
means("sex_proportional", after ~ arm + sex + before + (1 | team), weights = "proportional")
means("sex_equal", after ~ arm + sex + lcalls + (1 | team), weights = "equal")
with <- lmerTest::lmer(after ~ arm + before + (1 | team), d)
test <- KRmodcomp(with, lmerTest::lmer(after ~ before + (1 | team), d))$test["Ftest", ]
cat(sprintf(' "joint": [%.15g, %.15g, %.15g, %.15g],\n', test$stat, test$ndf, test$ddf, test$p.value))
without <- lmerTest::lmer(after ~ 0 + arm + before + (1 | team), d)
joint <- joint_tests(without, lmer.df = "kenward-roger")
joint <- joint[joint[["model term"]] == "arm", ]
cat(sprintf(' "emmeans_joint": [%.15g, %.15g, %.15g, %.15g]\n}\n', joint$F.ratio, joint$df1, joint$df2, joint$p.value))
