# Trials without clusters and with three levels of them, analysed by other programs; writes expected.json.
# Rscript tests/golden/data/levels/make_reference.R
suppressMessages({library(lme4); library(pbkrtest); library(clubSandwich); library(sandwich); library(jsonlite)})
here <- "tests/golden/data/levels"
arms <- c("usual", "new")

people <- read.csv(file.path(here, "zero.csv"))
people$arm <- factor(people$arm, arms)
people <- people[!is.na(people$after), ]
ancova <- lm(after ~ arm + before + age, data = people)
hc2 <- vcovHC(ancova, type = "HC2")
bm <- coef_test(ancova, vcov = "CR2", cluster = seq_len(nrow(people)), test = "Satterthwaite")
risk <- lm(passed ~ arm + age, data = people)
risk_bm <- coef_test(risk, vcov = "CR2", cluster = seq_len(nrow(people)), test = "Satterthwaite")
odds <- glm(passed ~ arm + age, family = binomial, data = people)
both <- lapply(arms, function(a) mean(predict(odds, transform(people, arm = factor(a, arms)), type = "response")))
zero <- list(
  ancova = list(estimate = coef(ancova)[["armnew"]], se = sqrt(hc2["armnew", "armnew"]), df = bm["armnew", "df_Satt"],
                p = bm["armnew", "p_Satt"]),
  risk = list(estimate = coef(risk)[["armnew"]], se = risk_bm["armnew", "SE"], df = risk_bm["armnew", "df_Satt"],
              p = risk_bm["armnew", "p_Satt"]),
  standardised = both[[2]] - both[[1]]
)

pupils <- read.csv(file.path(here, "three.csv"))
pupils$arm <- factor(pupils$arm, arms)
pupils <- pupils[!is.na(pupils$after), ]
fit <- lmer(after ~ arm + before + (1 | district) + (1 | district:school) + (1 | district:school:class), data = pupils,
            control = lmerControl(optimizer = "bobyqa", optCtrl = list(rhobeg = 2e-4, rhoend = 1e-12, maxfun = 1e5)))
test <- KRmodcomp(fit, update(fit, . ~ . - arm))
variances <- as.data.frame(VarCorr(fit))
of <- function(group) variances$vcov[variances$grp == group]
total <- sum(variances$vcov)
school <- interaction(pupils$district, pupils$school, drop = TRUE)
plain <- lm(after ~ arm + before, data = pupils)
robust <- coef_test(plain, vcov = "CR2", cluster = school, test = "Satterthwaite")
residuals <- resid(lm(after ~ before, data = pupils))
three <- list(
  mixed = list(estimate = fixef(fit)[["armnew"]], se = sqrt(vcovAdj(fit)["armnew", "armnew"]),
               df = test$stats$ddf, p = test$stats$p.value, icc_outer = of("district") / total,
               icc_middle = (of("district") + of("district:school")) / total,
               icc_inner = (total - of("Residual")) / total),
  robust = list(estimate = coef(plain)[["armnew"]], se = robust["armnew", "SE"], df = robust["armnew", "df_Satt"],
                p = robust["armnew", "p_Satt"])
)
programs <- sapply(c("lme4", "pbkrtest", "clubSandwich", "sandwich"), function(p) as.character(packageVersion(p)))
write_json(list(R = R.version.string, programs = as.list(programs), zero = zero, three = three),
           file.path(here, "expected.json"), auto_unbox = TRUE, digits = 12, pretty = TRUE)
