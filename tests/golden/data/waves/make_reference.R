# Two made-up studies, one of three waves and one of a single wave, and what lme4, lmerTest (Kenward-Roger by pbkrtest)
# and clubSandwich say of them. Run in this folder: Rscript make_reference.R
suppressPackageStartupMessages({
  library(lme4)
  library(lmerTest)
  library(clubSandwich)
  library(jsonlite)
})
set.seed(20261130)
studies <- "../../../material/studies"

# three waves: people in teams in sites, a team of either arm in each site; 6m is the primary wave
people <- expand.grid(i = 1:7, team = c("East", "West"), site = paste0("S", 1:8), stringsAsFactors = FALSE)
people$pid <- sprintf("P%03d", seq_len(nrow(people)))
people$arm <- ifelse(people$team == "East", "new", "usual")
people$age <- round(rnorm(nrow(people), 45, 11))
site <- setNames(rnorm(8, 0, 2.5), paste0("S", 1:8))
place <- paste(people$site, people$team)
team <- setNames(rnorm(16, 0, 2), unique(place))
level <- rnorm(nrow(people), 0, 3)
slope <- rnorm(nrow(people), 0, 0.3)
gain <- c("0m" = 0, "6m" = 1.8, "12m" = 2.4)
rows <- do.call(rbind, lapply(c("0m", "6m", "12m"), function(wave) {
  months <- as.numeric(sub("m", "", wave))
  shared <- setNames(rnorm(16, 0, 1.2), unique(place))
  score <- 20 + site[people$site] + team[place] + shared[place] + level + slope * months + 0.05 * months +
    0.04 * (people$age - 45) + gain[[wave]] * (people$arm == "new") + rnorm(nrow(people), 0, 2)
  data.frame(people[c("pid", "site", "team", "arm", "age")], wave = wave, score = round(score, 2))
}))
# people drop out after baseline, some come back
away <- (rows$wave == "6m" & runif(nrow(rows)) < 0.12) | (rows$wave == "12m" & runif(nrow(rows)) < 0.2)
rows <- rows[!away, ]
rows <- rows[order(rows$pid, match(rows$wave, names(gain))), ]
write.csv(rows, file.path(studies, "three_waves/data/raw/visits.csv"), row.names = FALSE, quote = FALSE)

rows$wave <- factor(rows$wave, levels = names(gain))
rows$arm <- factor(rows$arm, levels = c("usual", "new"))
rows$months <- as.numeric(sub("m", "", as.character(rows$wave)))
first <- rows[rows$wave == "0m", ]
rows$score_0m <- first$score[match(rows$pid, first$pid)]

tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10, maxfun = 1e5))
one <- function(fit, weights) {
  found <- contest(fit, weights, joint = FALSE, ddf = "Kenward-Roger")
  list(estimate = found[["Estimate"]], se = found[["Std. Error"]], df = found[["df"]], p_value = found[["Pr(>|t|)"]])
}
joint <- function(fit, rows) {
  found <- contest(fit, rows, ddf = "Kenward-Roger")
  list(statistic = found[["F value"]], num_df = found[["NumDF"]], df = found[["DenDF"]], p_value = found[["Pr(>F)"]])
}
on <- function(fit, ...) {
  names <- names(fixef(fit))
  given <- c(...)
  weights <- setNames(numeric(length(names)), names)
  weights[names(given)] <- given
  weights
}

all <- lmer(score ~ arm * wave + age + (1 | site:team) + (1 | site:team:wave) + (1 | pid), rows,
            control = tight)
later <- droplevels(rows[rows$wave != "0m", ])
later$wave <- relevel(later$wave, "6m")
after <- lmer(score ~ arm * wave + score_0m + age + (1 | site:team) + (1 | pid), later, control = tight)
lines <- lmer(score ~ arm * months + age + (1 + months | pid) + (1 | site:team), rows, control = tight)
at_12m <- rows[rows$wave == "12m", ]
ancova_12m <- lmer(score ~ arm + score_0m + age + (1 | site:team), at_12m, control = tight)
at_6m <- rows[rows$wave == "6m", ]
ancova <- lmer(score ~ arm + score_0m + age + (1 | site:team), at_6m, control = tight)
change_12m <- lmer(score - score_0m ~ arm + age + (1 | site:team), at_12m, control = tight)

three <- list(
  all = list(
    "new - usual (6m - 0m)" = one(all, on(all, "armnew:wave6m" = 1)),
    "joint test of arm:wave" = joint(all, rbind(on(all, "armnew:wave6m" = 1), on(all, "armnew:wave12m" = 1))),
    "new - usual (12m - 0m)" = one(all, on(all, "armnew:wave12m" = 1)),
    "new - usual (mean of 6m, 12m - 0m)" = one(all, on(all, "armnew:wave6m" = 0.5, "armnew:wave12m" = 0.5))
  ),
  after = list(
    "new - usual (at 6m)" = one(after, on(after, "armnew" = 1)),
    "joint test of arm:wave" = joint(after, rbind(on(after, "armnew:wave12m" = 1))),
    "new - usual (at 12m)" = one(after, on(after, "armnew" = 1, "armnew:wave12m" = 1)),
    "new - usual (mean of 6m, 12m)" = one(after, on(after, "armnew" = 1, "armnew:wave12m" = 0.5))
  ),
  lines = list(
    "new - usual (change a month)" = one(lines, on(lines, "armnew:months" = 1)),
    "new - usual (at 0m)" = one(lines, on(lines, "armnew" = 1)),
    "new - usual (at 6m)" = one(lines, on(lines, "armnew" = 1, "armnew:months" = 6)),
    "new - usual (at 12m)" = one(lines, on(lines, "armnew" = 1, "armnew:months" = 12))
  ),
  ancova = list("new - usual" = one(ancova, on(ancova, "armnew" = 1))),
  ancova_12m = list("new - usual" = one(ancova_12m, on(ancova_12m, "armnew" = 1))),
  change_12m = list("new - usual" = one(change_12m, on(change_12m, "armnew" = 1)))
)

# one wave: pupils in schools, seen after the programme only
pupils <- expand.grid(i = 1:9, school = sprintf("A%02d", 1:18), stringsAsFactors = FALSE)
pupils$pupil <- sprintf("N%03d", seq_len(nrow(pupils)))
schools <- unique(pupils$school)
pupils$programme <- ifelse(match(pupils$school, schools) %% 2 == 0, "yes", "no")
pupils$sex <- sample(c("f", "m"), nrow(pupils), TRUE)
shared <- setNames(rnorm(18, 0, 1.5), schools)
pupils$reading_post <- round(50 + shared[pupils$school] + 2 * (pupils$programme == "yes") +
  1.5 * (pupils$sex == "f") + rnorm(nrow(pupils), 0, 5), 1)
pupils$likes_post <- ifelse(runif(nrow(pupils)) < 0.45 + 0.15 * (pupils$programme == "yes"), "y", "n")
pupils$reading_post[sample(nrow(pupils), 6)] <- NA
write.csv(pupils[c("pupil", "school", "programme", "sex", "reading_post", "likes_post")],
          file.path(studies, "one_wave/data/raw/pupils.csv"), row.names = FALSE, quote = FALSE, na = "")
read <- pupils[!is.na(pupils$reading_post), ]
mixed <- lmer(reading_post ~ programme + sex + (1 | school), read, control = tight)
plain <- lm(reading_post ~ programme + sex, read)
robust <- coef_test(plain, vcovCR(plain, cluster = read$school, type = "CR2"), test = "Satterthwaite")
cr2 <- robust[rownames(robust) == "programmeyes", ]
single <- list(
  mixed = one(mixed, on(mixed, "programmeyes" = 1)),
  cr2 = list(estimate = cr2$beta, se = cr2$SE, df = cr2$df_Satt, p_value = cr2$p_Satt)
)
versions <- sapply(c("lme4", "lmerTest", "pbkrtest", "clubSandwich"), function(name) as.character(packageVersion(name)))
write_json(list(versions = as.list(versions), three_waves = three, one_wave = single), "expected.json",
           digits = NA, auto_unbox = TRUE, pretty = TRUE)
