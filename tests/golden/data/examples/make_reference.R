# Rscript make_reference.R, in this folder: what R says of examples/awards and examples/beat_the_blues (expected.json).
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest); library(clubSandwich); library(nlme)
                  library(jsonlite)})
tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhobeg = 2e-3, rhoend = 1e-11, maxfun = 1e5),
                     calc.derivs = FALSE)
numbers <- function(estimate, se, df, p) list(estimate = estimate, se = se, df = df, p_value = p)
kr <- function(formula, data, contrasts) {
  fit <- lmerTest::lmer(formula, data, REML = TRUE, control = tight)
  lapply(contrasts(fit), function(L) {
    one <- lmerTest::contest(fit, L, joint = FALSE, ddf = "Kenward-Roger")
    numbers(one$Estimate, one$`Std. Error`, one$df, one$`Pr(>|t|)`)
  })
}
named <- function(fit, ...) { L <- 0 * fixef(fit); w <- c(...); L[names(w)] <- w; L }
cr2 <- function(formula, data, cluster, weights) {
  fit <- lm(formula, data)
  L <- 0 * coef(fit); L[names(weights)] <- weights
  V <- vcovCR(fit, cluster = cluster, type = "CR2")
  one <- linear_contrast(fit, V, contrasts = matrix(L, 1), test = "Satterthwaite")
  t <- one$Est / one$SE
  numbers(one$Est, one$SE, one$df, 2 * pt(-abs(t), one$df))
}

pupils <- read.csv("../../../../examples/awards/data/raw/awards.csv")
pupils$school_type <- factor(pupils$school_type)
pupils$sex <- factor(pupils$sex)
awards <- list()
for (outcome in c("bagrut", "maths", "english", "awarded")) {
  pupils$y <- pupils[[c(bagrut = "Bagrut_status", maths = "achv_math", english = "achv_english",
                        awarded = "awarded")[[outcome]]]]
  own <- list()
  arm <- function(fit) list(effect = named(fit, treated = 1))
  own$risk <- kr(y ~ treated + school_type + (1 | pair) + (1 | pair:school_id), pupils, arm)$effect
  if (outcome == "bagrut")
    own$adjusted <- kr(y ~ treated + school_type + lagscore + sex + father_ed + mother_ed + siblings + immigrant +
                         (1 | pair) + (1 | pair:school_id), pupils, arm)$effect
  own$cr2 <- cr2(y ~ treated + school_type, pupils, pupils$school_id, c(treated = 1))
  both <- y ~ treated * sex + school_type
  own$by_sex <- list(boys = cr2(both, pupils, pupils$school_id, c(treated = 1)),
                     difference = cr2(both, pupils, pupils$school_id, c("treated:sexGirl" = 1)),
                     girls = cr2(both, pupils, pupils$school_id, c(treated = 1, "treated:sexGirl" = 1)))
  schools <- aggregate(y ~ school_id + pair + treated, pupils, mean)
  two <- t.test(schools$y[schools$treated == 1], schools$y[schools$treated == 0], var.equal = TRUE)
  own$means <- numbers(unname(two$estimate[1] - two$estimate[2]), two$stderr, unname(two$parameter), two$p.value)
  of_pairs <- with(schools, tapply(y, list(pair, treated), mean))
  one <- t.test(of_pairs[, "1"] - of_pairs[, "0"])
  own$pairs <- numbers(unname(one$estimate), one$stderr, unname(one$parameter), one$p.value)
  if (outcome == "bagrut") {
    fit <- glmer(y ~ treated + school_type + (1 | pair) + (1 | pair:school_id), pupils, family = binomial,
                 control = glmerControl(optimizer = "bobyqa", tolPwrss = 1e-12, optCtrl = list(rhoend = 1e-9)))
    own$odds <- list(estimate = unname(fixef(fit)["treated"]), log_likelihood = c(logLik(fit)))
    # the regressions of the trial's report: each sex by itself
    for (one in c("Girl", "Boy")) {
      part <- pupils[pupils$sex == one, ]
      own$report[[one]] <- cr2(y ~ treated + school_type, part, part$school_id, c(treated = 1))
    }
  }
  awards[[outcome]] <- own
}

wide <- read.csv("../../../../examples/beat_the_blues/data/raw/btheb.csv")
wide$person <- seq_len(nrow(wide))
wide$treatment <- factor(wide$treatment, c("TAU", "BtheB"))
long <- do.call(rbind, lapply(c(8, 2, 3, 5), function(m)
  data.frame(wide[c("person", "drug", "length", "treatment", "bdi.pre")], months = m, bdi = wide[[sprintf("bdi.%dm", m)]])))
long <- long[!is.na(long$bdi), ]
long$wave <- factor(long$months, c(8, 2, 3, 5))
long$occasion <- match(long$months, c(2, 3, 5, 8))
waves <- c("2" = 2, "3" = 3, "5" = 5)
at_waves <- function(names) {
  later <- setNames(sprintf("treatmentBtheB:wave%d", waves), names(waves))
  plain <- c(treatmentBtheB = 1)
  c(list("8m" = plain),
    setNames(lapply(later, function(one) c(plain, setNames(1, one))), paste0(names(waves), "m")),
    list(average = c(plain, setNames(rep(1 / 4, 3), later))))
}
gls_of <- function(formula) {
  fit <- gls(formula, long, correlation = corSymm(form = ~ occasion | person), weights = varIdent(form = ~ 1 | wave),
             method = "REML", control = glsControl(tolerance = 1e-11, msTol = 1e-13, msMaxIter = 2000, maxIter = 500,
                                                   opt = "optim", msVerbose = FALSE))
  V <- vcov(fit)
  c(list(log_likelihood = c(logLik(fit))), lapply(at_waves(names(coef(fit))), function(w) {
    L <- 0 * coef(fit); L[names(w)] <- w
    list(estimate = sum(L * coef(fit)), se = sqrt(c(L %*% V %*% L)))
  }))
}
blues <- list(
  all_waves = gls_of(bdi ~ treatment * wave + bdi.pre),
  adjusted = gls_of(bdi ~ treatment * wave + bdi.pre + drug + length),
  person = kr(bdi ~ treatment * wave + bdi.pre + drug + length + (1 | person), long, function(fit)
    lapply(at_waves(names(fixef(fit))), function(w) do.call(named, list(fit, w)))),
  lines = kr(bdi ~ treatment + months + bdi.pre + drug + length + (1 | person), long, function(fit)
    list(effect = named(fit, treatmentBtheB = 1)))$effect,
  ancova = with(subset(wide, !is.na(bdi.8m)), cr2(bdi.8m ~ treatment + bdi.pre, subset(wide, !is.na(bdi.8m)), person,
                                                  c(treatmentBtheB = 1)))
)
# BtheB_lmer1 of the vignette Ch_analysing_longitudinal_dataI of HSAUR3, by maximum likelihood
book <- lme4::lmer(bdi ~ bdi.pre + months + treatment + drug + length + (1 | person), long, REML = FALSE)
blues$handbook <- list(estimate = unname(fixef(book)["treatmentBtheB"]),
                       se = sqrt(vcov(book)["treatmentBtheB", "treatmentBtheB"]), log_likelihood = c(logLik(book)))

packages <- c("lme4", "lmerTest", "pbkrtest", "clubSandwich", "nlme")
versions <- c(list(R = paste(R.version$major, R.version$minor, sep = ".")),
              lapply(setNames(packages, packages), function(p) as.character(packageVersion(p))))
write_json(list(versions = versions, awards = awards, beat_the_blues = blues), "expected.json", digits = NA,
           auto_unbox = TRUE, pretty = TRUE)
