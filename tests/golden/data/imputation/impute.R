# Imputations of the trials of tests/material/incomplete_trials.py by mice (2l.pan, 2l.bin) and by jomo (through mitml).
# Reads trials.csv of one kind (all trials, column trial), writes one row an imputed outcome and baseline.
#   Rscript impute.R pan|jomo|bin trials.csv imputed.csv
# The completed trials are analysed as ours are (REML, Kenward-Roger, Rubin's rules) and the results summarised in
# tests/simulation/test_imputation_trials.py.
given <- commandArgs(trailingOnly = TRUE)
suppressMessages({library(mice); library(mitml)})
all <- read.csv(given[2])
m <- 20
out <- list()
for (number in unique(all$trial)) {
  d <- all[all$trial == number, setdiff(names(all), "trial")]
  d$team <- as.integer(d$team) + 1L
  set.seed(number + 1)
  if (given[1] == "pan") {
    d$const <- 1
    start <- mice(d, maxit = 0)
    method <- start$method; method[] <- ""; method[c("y0", "y")] <- "2l.pan"
    p <- start$predictorMatrix; p[,] <- 0
    p["y", c("arm", "y0", "aux")] <- 1; p["y0", c("arm", "y", "aux")] <- 1; p[c("y", "y0"), "team"] <- -2
    found <- mice(d, m = m, method = method, predictorMatrix = p, maxit = 10, printFlag = FALSE)
    done <- lapply(seq_len(m), function(i) complete(found, i))
  } else if (given[1] == "bin") {
    start <- mice(d, maxit = 0)
    d$y <- factor(d$y)
    method <- start$method; method[] <- ""; method["y"] <- "2l.bin"
    p <- start$predictorMatrix; p[,] <- 0
    p["y", c("arm", "aux")] <- 1; p["y", "team"] <- -2
    found <- try(mice(d, m = m, method = method, predictorMatrix = p, maxit = 1, printFlag = FALSE), silent = TRUE)
    if (inherits(found, "try-error")) next
    done <- lapply(seq_len(m), function(i) { e <- complete(found, i); e$y <- as.numeric(as.character(e$y)); e })
  } else {
    utils::capture.output(
      found <- jomoImpute(d, formula = y + y0 ~ arm + aux + (1 | team), n.burn = 1000, n.iter = 100, m = m,
                          seed = number + 1))
    done <- mitmlComplete(found)
  }
  for (i in seq_len(m)) {
    e <- done[[i]]
    out[[length(out) + 1]] <- data.frame(trial = number, m = i, row = seq_len(nrow(d)) - 1, y = e$y,
                                         y0 = if ("y0" %in% names(e)) e$y0 else NA)
  }
}
write.csv(do.call(rbind, out), given[3], row.names = FALSE)
