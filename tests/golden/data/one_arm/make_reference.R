# Therapy groups in one arm, single people in the other: nlme with residuals by arm, lme4 with pbkrtest, clubSandwich.
# Rscript tests/golden/data/one_arm/make_reference.R writes people.csv (simulated; groups of the arm usual are empty) and
# expected.json.
suppressMessages({library(nlme); library(lme4); library(pbkrtest); library(clubSandwich); library(jsonlite)})
here <- "tests/golden/data/one_arm"
set.seed(20)
sizes <- c(4, 5, 6, 6, 7, 8, 5, 6, 4)
group <- rep(seq_along(sizes), sizes)
n <- length(group)
m <- 52
before <- round(rnorm(n + m, 20, 3), 1)
after <- 8 + 0.6 * before + c(1.5 + rnorm(length(sizes), 0, 1.2)[group] + rnorm(n, 0, 2.6), rnorm(m, 0, 1.7))
people <- data.frame(person = sprintf("P%03d", sample(n + m)), arm = c(rep("new", n), rep("usual", m)),
                     group = c(paste0("G", group), rep("", m)), before = before, after = round(after, 1))
people <- people[order(people$person), ]
people$after[c(7, 30, 61)] <- NA
write.csv(people, file.path(here, "people.csv"), row.names = FALSE, na = "")
d <- people[!is.na(people$after), ]
d$arm <- relevel(factor(d$arm), "usual")
d$in_group <- as.numeric(d$arm == "new")
d$unit <- ifelse(d$group == "", paste("alone", d$person), d$group)
tight <- lmeControl(tolerance = 1e-11, msTol = 1e-13, msMaxIter = 2000, maxIter = 500)
by_arm <- lme(after ~ arm + before, d, random = ~ 0 + in_group | unit, weights = varIdent(form = ~ 1 | arm),
              method = "REML", control = tight)
alike <- lmer(after ~ arm + before + (0 + in_group | unit), d,
              control = lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-11, maxfun = 1e5)))
L <- matrix(c(0, 1, 0), 1)
kr <- KRmodcomp(alike, L)$stats
robust <- coef_test(lm(after ~ arm + before, d), vcov = "CR2", cluster = d$unit, test = "Satterthwaite")
row <- "armnew"
residual <- unique((by_arm$sigma / varWeights(by_arm$modelStruct$varStruct))^2)
write_json(list(
  by_arm = list(estimate = fixef(by_arm)[[row]], se = sqrt(vcov(by_arm)[row, row]), loglik = c(logLik(by_arm)),
                group = getVarCov(by_arm)[1, 1], residual = sort(residual)),
  alike = list(estimate = fixef(alike)[[row]], se = sqrt(vcovAdj(alike)[2, 2]), df = kr$ddf, p = kr$p.value,
               loglik = c(logLik(alike))),
  robust = list(estimate = robust[2, "beta"], se = robust[2, "SE"], df = robust[2, "df_Satt"], p = robust[2, "p_Satt"]),
  versions = list(R = as.character(getRversion()), nlme = as.character(packageVersion("nlme")),
                  lme4 = as.character(packageVersion("lme4")), pbkrtest = as.character(packageVersion("pbkrtest")),
                  clubSandwich = as.character(packageVersion("clubSandwich")))),
  file.path(here, "expected.json"), auto_unbox = TRUE, digits = 15, pretty = TRUE)
