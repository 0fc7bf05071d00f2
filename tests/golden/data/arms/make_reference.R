# Three arms against one reference, by R: Rscript make_reference.R (writes expected.json in this folder)
suppressMessages({library(lme4); library(pbkrtest); library(clubSandwich); library(emmeans); library(jsonlite)})
rows <- read.csv("people.csv", check.names = FALSE)
arms <- c("usual care", "group: A+B", "téléphone (1 - 2)")
rows$arm <- factor(rows$arm, levels = arms)
rows$cluster <- interaction(rows$trust, rows$team, drop = TRUE)
seen <- rows[!is.na(rows$y_6m), ]
contrasts <- function(estimate, se, df, p) data.frame(arm = arms[-1], estimate, se, df, p)
out <- list(program = paste0("R ", getRversion(), ", lme4 ", packageVersion("lme4"), ", pbkrtest ",
  packageVersion("pbkrtest"), ", clubSandwich ", packageVersion("clubSandwich"), ", emmeans ", packageVersion("emmeans")))

control <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10))
fit <- lmer(y_6m ~ y_0m + arm + (1 | trust) + (1 | trust:team), seen, REML = TRUE, control = control)
one <- function(fit, label) {
  L <- matrix(as.numeric(names(fixef(fit)) == label), 1)
  test <- KRmodcomp(fit, L)$test["Ftest", ]
  V <- vcovAdj(fit); se <- sqrt(as.numeric(L %*% V %*% t(L))); b <- fixef(fit)[[label]]
  c(b, se, test$ddf, 2 * pt(-abs(b / se), test$ddf))
}
found <- sapply(paste0("arm", arms[-1]), function(label) one(fit, label))
joint <- KRmodcomp(fit, update(fit, . ~ . - arm))$test["Ftest", ]
out$mixed <- list(contrasts = contrasts(found[1, ], found[2, ], found[3, ], found[4, ]),
  joint = list(f = joint$stat, df1 = joint$ndf, df2 = joint$ddf, p = joint$p.value),
  holm = p.adjust(found[4, ], "holm"), hochberg = p.adjust(found[4, ], "hochberg"))
means <- as.data.frame(emmeans(fit, "arm", lmer.df = "kenward-roger"))
out$means <- data.frame(arm = as.character(means$arm), estimate = means$emmean, se = means$SE, df = means$df)

line <- lm(y_6m ~ y_0m + arm, seen)
cr2 <- coef_test(line, "CR2", cluster = seen$cluster)
at <- match(paste0("arm", arms[-1]), names(coef(line)))
wald <- Wald_test(line, constrain_zero(at), "CR2", cluster = seen$cluster, test = "HTZ")
out$ols_cr2 <- list(contrasts = contrasts(cr2$beta[at], cr2$SE[at], cr2$df_Satt[at], cr2$p_Satt[at]),
  joint = list(f = wald$Fstat, df1 = wald$df_num, df2 = wald$df_denom, p = wald$p_val))

# two stages: the slope of y_0m within arms is taken off, then least squares of the cluster means on the arm
x <- seen$y_0m - mean(seen$y_0m)
value <- tapply(seen$y_6m - coef(line)[["y_0m"]] * x, seen$cluster, mean)
of <- seen[!duplicated(seen$cluster), c("cluster", "arm", "trust")]; of$value <- value[as.character(of$cluster)]
stage <- lm(value ~ arm, of)
s <- coef(summary(stage))[2:3, ]
f <- anova(stage)["arm", ]
out$cluster_summary <- list(contrasts = contrasts(s[, 1], s[, 2], stage$df.residual, s[, 4]),
  joint = list(f = f[["F value"]], df1 = f$Df, df2 = stage$df.residual, p = f[["Pr(>F)"]]))
# paired: each arm with the reference in the trusts that have both; stage one holds the trusts as well
line <- lm(y_6m ~ y_0m + arm + trust, seen)
of$value <- tapply(seen$y_6m - coef(line)[["y_0m"]] * x, seen$cluster, mean)[as.character(of$cluster)]
paired <- sapply(arms[-1], function(arm) {
  side <- tapply(of$value, list(of$trust, of$arm), mean)[, c(arms[1], arm)]
  side <- side[complete.cases(side), ]
  test <- t.test(side[, 2], side[, 1], paired = TRUE)
  c(test$estimate, test$stderr, test$parameter, test$p.value)
})
out$paired <- list(contrasts = contrasts(paired[1, ], paired[2, ], paired[3, ], paired[4, ]))

logit <- glmer(better_6m ~ arm + (1 | trust:team), rows, binomial, nAGQ = 15,
  control = glmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10), tolPwrss = 1e-12))
s <- coef(summary(logit))[2:3, ]
b <- fixef(logit)[2:3]; V <- as.matrix(vcov(logit))[2:3, 2:3]
chi <- as.numeric(t(b) %*% solve(V, b))
out$glmm <- list(contrasts = contrasts(s[, 1], s[, 2], Inf, s[, 4]),
  joint = list(f = chi / 2, df1 = 2, p = pchisq(chi, 2, lower.tail = FALSE)))
out <- lapply(out, function(part) { if (is.list(part) && !is.null(part$contrasts)) rownames(part$contrasts) <- NULL; part })
write(toJSON(out, auto_unbox = TRUE, digits = 15, pretty = TRUE, dataframe = "rows"), "expected.json")
