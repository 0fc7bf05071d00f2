# Arms of classes and of schools exchanged within the next larger clusters, by hand in base R; writes permuted.json.
# Rscript tests/golden/data/levels/make_permuted.R
library(jsonlite)
here <- "tests/golden/data/levels"
pupils <- read.csv(file.path(here, "three.csv"))
pupils <- pupils[!is.na(pupils$after) & !is.na(pupils$before), ]

# paired comparison under one allocation: slopes by least squares with columns of the places, then the mean over places of
# the difference between the units' means
statistic <- function(d, own) {
  X <- cbind(model.matrix(~ d$place), before_ = d$before, treated = own[d$unit])
  slope <- lm.fit(X, d$after)$coefficients[["before_"]]
  value <- tapply(d$after - slope * d$before, d$unit, mean)
  place <- tapply(d$place, d$unit, function(p) p[1])
  apart <- sapply(unique(place), function(p) mean(value[place == p & own]) - mean(value[place == p & !own]))
  c(mean(apart), sd(apart) / sqrt(length(apart)))
}
permute <- function(d) {
  d$unit <- as.integer(factor(paste(d$place, d$unit)))
  observed <- as.vector(tapply(d$arm == "new", d$unit, all))
  place <- tapply(d$place, d$unit, function(p) p[1])
  ways <- lapply(split(seq_along(observed), place), function(i) {
    combn(length(i), sum(observed[i]), function(k) i[k], simplify = FALSE)
  })
  found <- statistic(d, observed)
  every <- expand.grid(lapply(ways, seq_along))
  size <- apply(every, 1, function(k) {
    chosen <- unlist(Map(function(way, j) way[[j]], ways, k))
    one <- statistic(d, seq_along(observed) %in% chosen)
    abs(one[1] / one[2])
  })
  list(estimate = found[1], se = found[2], n = nrow(every),
       p = mean(size >= abs(found[1] / found[2]) * (1 - 1e-9)))
}
schools <- transform(pupils, place = district, unit = school)
# the same pupils, had the second class of every school had the arm; two districts, as there are 3^16 ways in four
classes <- transform(pupils[pupils$district %in% c("D1", "D2"), ], place = paste(district, school), unit = class,
                     arm = ifelse(class == "C2", "new", "usual"))
write_json(list(R = R.version.string, schools = permute(schools), classes = permute(classes)),
           file.path(here, "permuted.json"), auto_unbox = TRUE, digits = 12, pretty = TRUE)
